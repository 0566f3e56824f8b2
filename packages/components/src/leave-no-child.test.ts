import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";

const PARENT = `
import { spawn } from "node:child_process";
import { leaveNoChild } from ${JSON.stringify(new URL("./leave-no-child.ts", import.meta.url).href)};
const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { detached: true, stdio: ["ignore", "inherit", "ignore"] });
leaveNoChild(child, "SIGKILL");
console.log("started");
process.stdin.once("data", () => process.exit(130));
`;

it("takes a detached child along when its process quits at once", async () => {
  const parent = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", PARENT], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(createInterface({ input: parent.stdout }), "line");
  // The child holds the pipe open as long as it lives.
  const childGone = once(parent.stdout, "close").then(() => true);
  parent.stdin.end("quit");
  expect(await once(parent, "exit")).toEqual([130, null]);
  expect(await childGone).toBe(true);
});
