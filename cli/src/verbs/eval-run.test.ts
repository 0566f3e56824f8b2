import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Environment } from "@forerun/runtime/config";
import { startScriptedModel } from "@forerun/testing/scripted-model/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordingTerminal } from "../fixtures.ts";
import { evalBaseline } from "./eval-baseline.ts";
import { type EvalRunInput, evalRun } from "./eval-run.ts";

const CASES = `
- {id: right, text: 17% of 2400, expect: {action: call, calls: [{name: calculator, arguments: {expression: 0.17 * 2400}}]}, tags: [single]}
- {id: wrong, text: 17% of 2400, expect: {action: answer}, forbid: [calculator], tags: [negated]}
`;

const CHAINED = `
- {id: sum, text: Add 12.7 and 30.45 miles and give me kilometers, tags: [chained], expect: {action: call, calls: [
    {name: calculator, arguments: {expression: 12.7 + 30.45}},
    {name: convert_units, arguments: {value: $c1.result, from: miles, to: km}}]}}
- {id: greeting, text: Hi, expect: {action: answer}, tags: [direct]}
`;

let folder: string;
let cases: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "forerun-evals-"));
  cases = join(folder, "cases.yaml");
  writeFileSync(cases, CASES);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Without tools and thresholds of the folder, and without a model unless `env` connects one. */
async function run(input: Partial<EvalRunInput>, env: Environment = {}) {
  const recorded = recordingTerminal();
  const context = {
    env: { TOOLS_DIR: join(folder, "tools"), DATA_DIR: folder, ...env },
    terminal: recorded.terminal,
    interrupt: new AbortController().signal,
  };
  const code = await evalRun({ paths: [], output: "text", ...input }, context);
  return { code, context, ...recorded };
}

describe("forerun eval run", () => {
  it("finds no regression of our own cases against their baseline", async () => {
    const { code, stdout } = await run({ output: "json" });
    const report = JSON.parse(stdout());
    expect(report.verdict).toMatchObject({ regressed: [], fallen: [] });
    expect(report.cases).toBeGreaterThanOrEqual(150);
    expect(code).toBe(0);
  });

  it("names the misses with what was wrong, and writes JUnit", async () => {
    const junit = join(folder, "report.xml");
    const { code, stdout } = await run({ paths: [cases], output: "json", junit });
    const report = JSON.parse(stdout());
    expect(code).toBe(1);
    expect(report).toMatchObject({ passed: 1, cases: 2, kinds: { single: { passed: 1 } } });
    expect(report.failed).toHaveLength(1);
    expect(report.failed[0]).toMatchObject({
      id: "wrong",
      problem: "calls calculator, which is forbidden",
      got: { action: "call", calls: [{ name: "calculator" }] },
    });
    expect(readFileSync(junit, "utf8")).toContain('tests="2" failures="1"');
  });

  it("bears the known misses of a baseline, and tells when one is gone", async () => {
    const baseline = join(folder, "baseline.json");
    const { context } = await run({ paths: [cases] });
    expect(await evalBaseline({ paths: [cases], to: baseline }, context)).toBe(0);
    const { code, stdout } = await run({ paths: [cases], baseline });
    expect(code).toBe(0);
    expect(stdout()).toMatch(/^✕ wrong {2}calls calculator, which is forbidden/m);
    writeFileSync(baseline, readFileSync(baseline, "utf8").replace('"wrong"', '"wrong", "right"'));
    expect((await run({ paths: [cases], baseline })).stdout()).toContain("no longer missed: right");
  });

  it("asks the small model where one is connected, and holds its decisions against no baseline", async () => {
    const chained = join(folder, "chained.yaml");
    writeFileSync(chained, CHAINED);
    const calls = [
      { id: "c4", tool: "calculator", args: { expression: "12.7 + 30.45" } },
      { id: "c9", tool: "convert_units", args: { value: "$c4.result", from: "miles", to: "km" } },
    ];
    await using model = await startScriptedModel([
      { match: { kind: "route", contains: "Add" }, reply: { json: { action: "call", calls } } },
      { match: { kind: "route", contains: "Hi" }, reply: { json: { action: "refuse", text: "No." } } },
    ]);
    const connected = { MODEL_URL: model.url, MODEL: "scripted" };
    const { code, stdout } = await run({ paths: [chained], output: "json" }, connected);
    const report = JSON.parse(stdout());
    expect(report).toMatchObject({ router: "scripted", passed: 1, cases: 2, verdict: null });
    expect(report.failed).toMatchObject([{ id: "greeting", problem: "refuse instead of answer" }]);
    expect(code).toBe(1);
    expect(model.unused()).toEqual([]);
  });

  it("says where it could not write", async () => {
    const junit = join(folder, "gone", "report.xml");
    await expect(run({ paths: [cases], junit })).rejects.toMatchObject({ code: "FR-E1801" });
  });

  it("stops at cases that cannot be read", async () => {
    await expect(run({ paths: [join(folder, "gone.yaml")] })).rejects.toMatchObject({ code: "FR-E1902" });
    await expect(run({ paths: [cases], baseline: cases })).rejects.toMatchObject({ code: "FR-E1801" });
  });
});
