/** Every command that the README shows, run as it stands there against a server on its default ports' stand-ins. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { findBinary } from "@forerun/components/binaries";
import { skipWithout } from "@forerun/testing/skip-without";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ROOT, type RunningForerun, startForerun } from "./support/forerun-process.ts";
import { until } from "./support/until.ts";

const run = promisify(execFile);
const README = readFileSync(join(ROOT, "README.md"), "utf8");

/** Commands that other tests run: the two that start everything, the mesh, and a model that is not here. */
const ELSEWHERE = [/^npm ci && npm (start|test)$/, /^npm run mesh/, /^(MODEL_URL|OPENAI_API_KEY)=/];

function commands(): string[] {
  const blocks = [...README.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1] ?? "");
  return blocks.flatMap((block) => block.split("\n")).filter(Boolean);
}

let forerun: RunningForerun;

beforeAll(async () => {
  forerun = await startForerun();
});

afterAll(async () => {
  await forerun[Symbol.asyncDispose]();
});

/** Runs a line in a shell, with this server in place of the default addresses. */
async function shell(line: string): Promise<string> {
  const here = line
    .replaceAll("localhost:8080", new URL(forerun.ready.http).host)
    .replaceAll("localhost:8081", forerun.ready.grpc);
  const grpcurl = here.includes("grpcurl") ? `${join(findBinary("grpcurl"), "..")}:` : "";
  const env = { ...process.env, FORERUN_URL: forerun.ready.http, PATH: `${grpcurl}${process.env.PATH}` };
  const { stdout } = await run("bash", ["-euo", "pipefail", "-c", here], { cwd: ROOT, env, timeout: 60_000 });
  return stdout;
}

it("shows commands at all, and no more than 230 lines", () => {
  expect(commands().length).toBeGreaterThan(8);
  expect(README.split("\n").length).toBeLessThanOrEqual(230);
});

const here = commands().filter((line) => !ELSEWHERE.some((pattern) => pattern.test(line)));

it.each(here.filter((line) => !line.startsWith("grpcurl")))(
  "runs: %s",
  async (line) => {
    expect((await shell(line)).length).toBeGreaterThan(0);
  },
  90_000,
);

skipWithout("grpcurl")("with grpcurl", () => {
  it.each(here.filter((line) => line.startsWith("grpcurl")))(
    "runs: %s",
    async (line) => {
      expect(await shell(line)).toContain("408");
    },
    90_000,
  );
});

it("shows a tool that works as it stands", async () => {
  const source = /```ts\n(\/\/ tools\/dice\.ts\n[\s\S]*?)```/.exec(README)?.[1] ?? "";
  const tools = join(forerun.dataDir, "tools");
  await mkdir(tools, { recursive: true });
  await writeFile(join(tools, "dice.ts"), source);
  await until(
    async () => (await shell("npx forerun tool list")).includes("roll_dice"),
    "the tool of the README",
    30_000,
  );
  expect(await shell(`npx forerun chat "roll 3 dice"`)).toMatch(/3 dice show \d+/);
}, 90_000);

it("is called by its test command in CI", async () => {
  const ci = await readFile(join(ROOT, ".ci/run"), "utf8");
  expect(ci).toContain("npm ci");
  expect(ci).toContain("npm test");
});
