import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { asCaller } from "@forerun/rpc/call-context";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { expect, test } from "vitest";
import { never } from "../fixtures/domain.ts";
import { startService } from "../fixtures/running-service.ts";

const TOOL = `import { defineTool } from "@forerun/toolkit";
  import { word } from "words";
  export default defineTool({
    name: "greet", description: "Greets.", effect: "pure", input: { type: "object" }, output: { type: "string" },
    examples: [], timeoutMs: 1000, cacheTtlMs: 0, run: async () => word,
  });`;

async function project(files: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), "forerun-test-"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

const manifest = (name: string, more: object) =>
  JSON.stringify({ name, version: "1.0.0", type: "module", ...more });

test("an installed dependency's entry points are tools, with imports of its own", async () => {
  await using app = await project({
    "package.json": manifest("app", {
      dependencies: { "@acme/greeter": "1.0.0", plain: "1.0.0", missing: "1.0.0" },
    }),
    "node_modules/plain/package.json": manifest("plain", {}),
    "node_modules/@acme/greeter/package.json": manifest("@acme/greeter", {
      forerun: { tools: ["./src/greet.ts"] },
    }),
    "node_modules/@acme/greeter/src/greet.ts": TOOL,
    "node_modules/words/package.json": manifest("words", { exports: "./index.js" }),
    "node_modules/words/index.js": 'export const word = "hello";',
  });
  await using service = await startService({ projectDir: app.folder });
  expect(await service.call("greet", {})).toMatchObject({ output: "hello" });
  const { tools } = await service.client.listTools({}, asCaller(LOCAL_CALLER, { signal: never() }));
  expect(tools.find((tool) => tool.name === "greet")?.source).toBe("package:@acme/greeter");
});

test.each([
  ["an entry of another shape", { tools: "./greet.ts" }, "FR-E1405"],
  ["a path that leads out of the package", { tools: ["../../secret.ts"] }, "FR-E1405"],
  ["a file that is not there", { tools: ["./nowhere.ts"] }, "FR-E1402"],
])("%s is reported, and the other tools are there", async (_case, forerun, code) => {
  await using app = await project({
    "package.json": manifest("app", { dependencies: { bad: "1.0.0" } }),
    "node_modules/bad/package.json": manifest("bad", { forerun }),
    "secret.ts": "export default {};",
  });
  await using service = await startService({ projectDir: app.folder });
  const { tools, broken } = await service.client.listTools({}, asCaller(LOCAL_CALLER, { signal: never() }));
  expect(broken).toMatchObject([{ source: "package:bad", code }]);
  expect(tools.map((tool) => tool.name)).toContain("calculator");
});
