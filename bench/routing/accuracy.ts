import type { Tier0 } from "@forerun/router/tier0/tier0";
import type { ToolDefinition } from "@forerun/router/tier0/tool-definition";
import type { Measurement } from "../measurement.ts";
import { askedAlone } from "./ask.ts";
import { areExactCalls, judgeArguments, type MadeCall, sameNames } from "./call-score.ts";
import { questionOf, type RoutingCase, readCases } from "./data.ts";
import { type Half, halfOf } from "./fit/fit-prior.ts";
import { pooledTools } from "./pooled-tools.ts";
import { share } from "./share.ts";

const SETS = [
  { file: "bfcl_simple_python.jsonl", name: "simple", aim: 0.55 },
  { file: "bfcl_live_simple.jsonl", name: "live_simple", aim: 0.38 },
  { file: "bfcl_parallel.jsonl", name: "parallel", aim: null },
] as const;

/** Whole calls and arguments with a case's own tools, and the choice of tool with the tools of a file pooled. */
export async function* measureAccuracy(tier0: Tier0, half: Half, note: string): AsyncGenerator<Measurement> {
  for (const { file, name, aim } of SETS) {
    const all = readCases(file);
    if (all === undefined) {
      process.stderr.write(`skipped ${name}: ${file} is not there; set FORERUN_DATA_DIR\n`);
      continue;
    }
    const cases = halfOf(all, half);
    const label = `${name}${note}`;
    // What was fitted on these very lines proves nothing by reaching an aim.
    yield* ownTools(tier0, cases, label, half === "all" ? null : aim);
    yield* choiceAmongAll(tier0, cases, label);
  }
}

async function* ownTools(
  tier0: Tier0,
  cases: readonly RoutingCase[],
  label: string,
  aim: number | null,
): AsyncGenerator<Measurement> {
  let exact = 0;
  let names = 0;
  const byType = new Map<string, { right: number; all: number }>();
  for (const one of cases) {
    const calls: readonly MadeCall[] = tier0.decide(
      await tier0.register(one.tools),
      askedAlone(questionOf(one)),
    ).calls;
    if (areExactCalls(calls, one.expected)) exact++;
    if (sameNames(calls, one.expected)) names++;
    if (one.expected.length === 1) countArguments(one, calls[0], byType);
  }
  yield share({ label, metric: "whole call exact", hits: exact, all: cases.length, aim });
  yield share({ label, metric: "right tools called", hits: names, all: cases.length });
  for (const [type, { right, all }] of [...byType].sort()) {
    yield share({ label, metric: `argument right: ${type}`, hits: right, all });
  }
}

/** A call that was not made has every argument wrong that has to be there. */
function countArguments(
  one: RoutingCase,
  call: MadeCall | undefined,
  byType: Map<string, { right: number; all: number }>,
): void {
  const [expected] = one.expected;
  const tool = one.tools.find((candidate) => candidate.name === expected?.name);
  if (expected === undefined || tool === undefined) return;
  for (const { name, right } of judgeArguments(call ?? { name: "", arguments: {} }, expected)) {
    const type = typeOf(tool, name);
    const count = byType.get(type) ?? { right: 0, all: 0 };
    byType.set(type, { right: count.right + (right ? 1 : 0), all: count.all + 1 });
  }
}

function typeOf(tool: ToolDefinition, name: string): string {
  const properties = tool.input_schema.properties;
  const schema =
    typeof properties === "object" && properties !== null && !Array.isArray(properties)
      ? properties[name]
      : undefined;
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return "unknown";
  return Array.isArray(schema.enum) ? "enum" : String(schema.type ?? "any");
}

async function* choiceAmongAll(
  tier0: Tier0,
  cases: readonly RoutingCase[],
  label: string,
): AsyncGenerator<Measurement> {
  const pool = pooledTools(cases);
  const index = await tier0.register(pool);
  let first = 0;
  let three = 0;
  for (const one of cases) {
    const { ranking } = tier0.decide(index, askedAlone(questionOf(one)));
    const at = ranking.indexOf(one.expected[0]?.name ?? "");
    if (at === 0) first++;
    if (at >= 0 && at < 3) three++;
  }
  const pooled = `${label}, ${pool.length} tools pooled`;
  yield share({ label: pooled, metric: "right tool first", hits: first, all: cases.length });
  yield share({ label: pooled, metric: "right tool of three", hits: three, all: cases.length });
}
