import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WatchToolsResponse } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { asCaller } from "@forerun/rpc/call-context";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { describe, expect, test } from "vitest";
import { never } from "../fixtures/domain.ts";
import { startService } from "../fixtures/running-service.ts";

/** A change counts within a second: one test holds the clock to it, the others give a busy machine more. */
const SECOND = 1_000;
const SOON = 10_000;

const typed = (answer: number, more = "") => `
  import { defineTool } from "@forerun/toolkit";
  import { z } from "zod";
  ${more}
  const answer: number = ${answer};
  export default defineTool({
    name: "probe", description: "Answers.", effect: "pure",
    input: z.strictObject({}), output: z.strictObject({ answer: z.number() }), examples: [],
    timeoutMs: 1000, cacheTtlMs: 0,
    run: async () => ({ answer }),
  });`;

const hashOf = (update: WatchToolsResponse, name: string) =>
  update.tools.find((tool) => tool.name === name)?.hash;

async function serviceWith(files: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), "forerun-test-"));
  const toolsDir = join(folder, "tools");
  const write = async (name: string, text: string) => {
    await mkdir(join(toolsDir, name, ".."), { recursive: true });
    // As editors do: whole, or not at all.
    await writeFile(join(folder, "draft"), text);
    await rename(join(folder, "draft"), join(toolsDir, name));
  };
  for (const [name, text] of Object.entries(files)) await write(name, text);
  const service = await startService({ toolsDir, projectDir: folder });
  const watch = service.watch();
  const first = await watch.until(() => true, SOON);
  const broken = async () =>
    (await service.client.listTools({}, asCaller(LOCAL_CALLER, { signal: never() }))).broken;
  return {
    ...service,
    watch,
    first,
    write,
    broken,
    remove: (name: string) => rm(join(toolsDir, name)),
    async [Symbol.asyncDispose]() {
      await watch[Symbol.asyncDispose]();
      await service[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

describe("the tools folder", () => {
  test("loads TypeScript that imports the toolkit, although it lies outside of the repository", async () => {
    await using service = await serviceWith({ "probe.ts": typed(1) });
    expect(service.first.tools.find((tool) => tool.name === "probe")?.source).toBe("file:probe.ts");
    expect(await service.call("probe", {})).toMatchObject({ output: { answer: 1 } });
    expect(await service.broken()).toEqual([]);
  });

  test("a changed file, a new one and a removed one count within a second", async () => {
    await using service = await serviceWith({ "probe.ts": typed(1) });
    const before = hashOf(service.first, "probe");

    await service.write("probe.ts", typed(2));
    await service.watch.until((update) => hashOf(update, "probe") !== before, SECOND);
    expect(await service.call("probe", {})).toMatchObject({ output: { answer: 2 } });

    await service.write("other.js", typed(3).replace('"probe"', '"other"').replace(": number", ""));
    await service.watch.until((update) => hashOf(update, "other") !== undefined, SECOND);
    expect(await service.call("other", {})).toMatchObject({ output: { answer: 3 } });

    await service.remove("probe.ts");
    await service.watch.until((update) => hashOf(update, "probe") === undefined, SECOND);
    expect(await service.call("probe", {})).toMatchObject({ code: "unknown_tool" });
  });

  test("a changed import of a tool counts as a change of the tool, inside the folder or not", async () => {
    const more = 'import { plus } from "./lib/plus";\nimport { times } from "../times.ts";';
    const source = typed(0, more).replace("({ answer })", "({ answer: times(plus(1)) })");
    await using service = await serviceWith({
      "../times.ts": "export const times = (n: number): number => n * 10;",
      "lib/plus.ts": "export const plus = (n: number): number => n + 1;",
      "probe.ts": source,
    });
    expect(await service.call("probe", {})).toMatchObject({ output: { answer: 20 } });
    const first = hashOf(service.first, "probe");
    await service.write("lib/plus.ts", "export const plus = (n: number): number => n + 2;");
    const second = hashOf(
      await service.watch.until((update) => hashOf(update, "probe") !== first, SOON),
      "probe",
    );
    expect(await service.call("probe", {})).toMatchObject({ output: { answer: 30 } });
    await service.write("../times.ts", "export const times = (n: number): number => n * 100;");
    await service.watch.until((update) => hashOf(update, "probe") !== second, SOON);
    expect(await service.call("probe", {})).toMatchObject({ output: { answer: 300 } });
  });

  test("a plain object in plain JavaScript is a tool, too, and so is the index of a folder", async () => {
    const plain = `export default {
      name: "plain", description: "Adds.", effect: "pure",
      input: { type: "object", properties: { a: { type: "number" } }, required: ["a"] },
      output: { type: "number" }, examples: [], timeoutMs: 1000, cacheTtlMs: 0,
      async run({ a }) { return a + this.step; }, step: 5,
    };`;
    await using service = await serviceWith({
      "plain.mjs": plain,
      "group/index.ts": typed(9),
      "_shared.ts": "export const x = 1;",
    });
    expect(await service.call("plain", { a: 1 })).toMatchObject({ output: 6 });
    expect(await service.call("probe", {})).toMatchObject({ output: { answer: 9 } });
    expect(await service.broken()).toEqual([]);
  });

  test("replaces a built-in tool, which is back when the file goes", async () => {
    await using service = await serviceWith({ "calculator.ts": typed(1).replace('"probe"', '"calculator"') });
    expect(await service.call("calculator", {})).toMatchObject({ output: { answer: 1 } });
    const own = hashOf(service.first, "calculator");
    await service.remove("calculator.ts");
    await service.watch.until((update) => hashOf(update, "calculator") !== own, SOON);
    expect(await service.call("calculator", { expression: "6 * 7" })).toMatchObject({
      output: { result: 42 },
    });
  });
});

describe("a broken file leaves the old one running and says why", () => {
  test.each([
    ["a syntax error", "export default {{", "FR-E1402", "probe.ts:1:16"],
    ["an import that is not there", 'import "./nowhere.ts"; export default {};', "FR-E1402", "nowhere.ts"],
    [
      "a package that is not installed",
      'import x from "no-such-package"; export default x;',
      "FR-E1402",
      "no-such-package",
    ],
    ["an error while it loads", 'throw new Error("no licence");', "FR-E1402", "no licence"],
    ["no default export", "export const tool = 1;", "FR-E1402", "no default export"],
    ["fields that are missing", 'export default { name: "probe" };', "FR-E1401", "effect: expected"],
    ["bytes that are no text", "\u0000\u0001\ufffd", "FR-E1402", "probe.ts:1:0"],
    [
      "a schema that is none",
      typed(1).replace("z.strictObject({})", '{ type: "object", properties: { a: { type: "nothing" } } }'),
      "FR-E1403",
      "probe.input",
    ],
  ])("%s", async (_case, text, code, words) => {
    await using service = await serviceWith({
      "probe.ts": typed(1),
      "canary.ts": typed(0).replace('"probe"', '"canary"'),
    });
    const canary = hashOf(service.first, "canary");
    await service.write("probe.ts", text);
    // Files are looked at together: once a later change counts, the broken one was seen.
    await service.write("canary.ts", typed(5).replace('"probe"', '"canary"'));
    await service.watch.until((update) => hashOf(update, "canary") !== canary, SOON);
    await expect.poll(service.broken, { timeout: SOON }).toMatchObject([{ source: "file:probe.ts", code }]);
    expect((await service.broken())[0]?.message).toContain(words);
    expect(await service.call("probe", {})).toMatchObject({ output: { answer: 1 } });

    await service.write("probe.ts", typed(2));
    await expect.poll(service.broken, { timeout: SOON }).toEqual([]);
    expect(await service.call("probe", {})).toMatchObject({ output: { answer: 2 } });
  });

  test("a file that waits for an import is loaded when the import appears", async () => {
    const source = typed(0, 'import { value } from "./lib/value.ts";').replace(
      "({ answer })",
      "({ answer: value })",
    );
    await using service = await serviceWith({ "probe.ts": source });
    expect(await service.broken()).toMatchObject([{ code: "FR-E1402" }]);
    await service.write("lib/value.ts", "export const value = 8;");
    await service.watch.until((update) => hashOf(update, "probe") !== undefined, SOON);
    expect(await service.call("probe", {})).toMatchObject({ output: { answer: 8 } });
  });

  test("of two files with one name the second is named", async () => {
    await using service = await serviceWith({ "a.ts": typed(1), "b.ts": typed(2) });
    expect(await service.broken()).toMatchObject([{ source: "file:b.ts", code: "FR-E1404" }]);
    expect(await service.call("probe", {})).toMatchObject({ output: { answer: 1 } });
  });

  test("a folder that is none is reported, one that does not exist yet is used once it appears", async () => {
    const folder = await mkdtemp(join(tmpdir(), "forerun-test-"));
    await writeFile(join(folder, "file"), "");
    await using service = await startService({ toolsDir: join(folder, "file") });
    const { broken } = await service.client.listTools({}, asCaller(LOCAL_CALLER, { signal: never() }));
    expect(broken).toMatchObject([{ source: "folder:TOOLS_DIR", code: "FR-E1405" }]);
    await rm(folder, { recursive: true });

    await using late = await serviceWith({});
    await late.write("probe.ts", typed(4));
    await late.watch.until((update) => hashOf(update, "probe") !== undefined, SOON);
    expect(await late.call("probe", {})).toMatchObject({ output: { answer: 4 } });
  });
});
