import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asCaller } from "@forerun/rpc/call-context";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { TOOL_FAILURE_CODES } from "@forerun/toolkit/tool-failure";
import { expect, test } from "vitest";
import { never } from "./fixtures/domain.ts";
import { startService } from "./fixtures/running-service.ts";

const guide = await readFile(new URL("../../../docs/adding-a-tool.md", import.meta.url), "utf8");

function block(language: string): string {
  const found = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(guide)?.[1];
  if (!found) throw new Error(`the guide has no ${language} block`);
  return found;
}

test("the guide's tools work as they stand there, in a folder of their own", async () => {
  const folder = await mkdtemp(join(tmpdir(), "forerun-test-"));
  const toolsDir = join(folder, "tools");
  await mkdir(toolsDir);
  await writeFile(join(toolsDir, "reading-time.ts"), block("ts"));
  await writeFile(join(toolsDir, "coin.js"), block("js"));
  await using service = await startService({ toolsDir, file: block("yaml") });
  const { tools, broken } = await service.client.listTools({}, asCaller(LOCAL_CALLER, { signal: never() }));
  expect(broken).toEqual([]);
  const readingTime = tools.find((tool) => tool.name === "reading_time");
  expect(readingTime).toMatchObject({ timeoutMs: 500, cacheTtlMs: 3_600_000 });
  for (const example of readingTime?.examples ?? []) {
    expect(await service.call("reading_time", example.arguments ?? {})).toMatchObject({ code: "" });
  }
  expect(await service.call("reading_time", { words: 1500 })).toMatchObject({
    output: { minutes: 6.5 },
    rendered: "Reading it takes about 6.5 minutes.",
  });
  expect(await service.call("reading_time", { words: 20_000_000 })).toMatchObject({
    code: "invalid_arguments",
  });
  expect(["heads", "tails"]).toContain((await service.call("coin", {})).output);
  await rm(folder, { recursive: true });
});

test("the guide names every code that a tool may fail with", () => {
  for (const code of TOOL_FAILURE_CODES) expect(guide).toContain(`\`${code}\``);
});
