/**
 * Fits the logistic that tells whether a message wants the tool it ranks first, on public sets with relevant and irrelevant
 * turns: own tool alone, own among foreign ones, foreign ones only, all pooled, small talk and out-of-scope questions.
 * `node --import tsx scripts/fit-tier0-scope.ts [--half even|odd] [--out FILE]`
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { readClause } from "@forerun/router/tier0/decision/draft";
import { createPrior } from "@forerun/router/tier0/decision/prior";
import { compileTool } from "@forerun/router/tier0/ranking/compiled-tool";
import { buildToolIndex, type ToolIndex } from "@forerun/router/tier0/ranking/tool-index";
import type { ToolDefinition } from "@forerun/router/tier0/tool-definition";
import { builtInTools } from "../bench/routing/built-in-tools.ts";
import { questionOf, type RoutingCase, readCases, readIntents } from "../bench/routing/data.ts";
import { ownTools, ownUtterances } from "../bench/routing/own-utterances.ts";
import { seededShuffle } from "../bench/routing/shuffle.ts";

type Row = { features: Readonly<Record<string, number>>; right: boolean; weight: number };

const CLOCK = { now: new Date("2024-03-01T12:00:00Z"), timeZone: "UTC" };
const BUILT_IN_INTENTS: Readonly<Record<string, readonly string[]>> = {
  weather: ["get_weather"],
  time: ["current_time"],
  timezone: ["current_time", "geocode"],
  calculator: ["calculator"],
  measurement_conversion: ["convert_units"],
  date: ["current_time", "date_math"],
  GetWeather: ["get_weather"],
};
/** Intents whose questions a built-in tool may or may not serve: they teach nothing. */
const UNDECIDED = new Set([
  "exchange_rate",
  "current_location",
  "distance",
  "next_holiday",
  "definition",
  "taxes",
]);

const { values: flags } = parseArgs({
  options: { half: { type: "string" }, out: { type: "string" }, l2: { type: "string", default: "0.003" } },
});

const prior = createPrior();
const compiled = new Map<string, ReturnType<typeof compileTool>>();
const indexOf = (tools: readonly ToolDefinition[]): ToolIndex =>
  buildToolIndex(
    tools.map((tool) => {
      const key = JSON.stringify(tool);
      const one = compiled.get(key) ?? compileTool(tool, prior.lexicon);
      compiled.set(key, one);
      return one;
    }),
  );
const half = <T>(list: readonly T[]): T[] =>
  list.filter((_, at) => flags.half === undefined || at % 2 === (flags.half === "even" ? 0 : 1));

function rowsOf(index: ToolIndex, text: string, right: readonly string[], weight: number): Row[] {
  const reading = readClause(index, text, CLOCK, prior);
  return reading.drafts.map(({ ranked, features }) => ({
    features,
    right: right.includes(ranked.tool.definition.name),
    weight,
  }));
}

function toolRows(cases: readonly RoutingCase[]): Row[] {
  const pool = [...new Map(cases.flatMap((one) => one.tools).map((tool) => [tool.name, tool])).values()];
  const pooled = indexOf(pool);
  const rows: Row[] = [];
  for (const [at, one] of cases.entries()) {
    const text = questionOf(one);
    const own = one.tools[0];
    if (own === undefined) continue;
    const foreign = seededShuffle(
      pool.filter((tool) => !one.tools.includes(tool) && tool.name !== own.name),
      at,
    ).slice(0, 5);
    rows.push(...rowsOf(indexOf([own]), text, [own.name], 1.5));
    rows.push(...rowsOf(indexOf([...foreign, own]), text, [own.name], 1));
    rows.push(...rowsOf(indexOf(foreign), text, [], 1));
    rows.push(...rowsOf(indexOf(foreign.slice(0, 1)), text, [], 0.2));
    rows.push(...rowsOf(pooled, text, [own.name], 0.7));
  }
  return rows;
}

function intentRows(pool: readonly ToolDefinition[]): Row[] {
  const builtIns = indexOf(builtInTools());
  const pooled = indexOf(pool);
  const mixed = indexOf([...pool, ...builtInTools()]);
  const rows: Row[] = [];
  const intents = [
    ...(readIntents("clinc150_dev.jsonl") ?? []),
    ...(readIntents("snips2017_getweather_dev300.jsonl") ?? []),
  ];
  for (const [at, { text, intent }] of half(intents).entries()) {
    if (UNDECIDED.has(intent)) continue;
    const right = Object.hasOwn(BUILT_IN_INTENTS, intent) ? (BUILT_IN_INTENTS[intent] ?? []) : [];
    const outside = intent === "oos";
    if (!outside && right.length === 0 && at % 4 !== 0) continue;
    rows.push(...rowsOf(builtIns, text, right, outside ? 2 : 0.7));
    if (outside) rows.push(...rowsOf(pooled, text, [], 1.5));
    if (right.length > 0) rows.push(...rowsOf(mixed, text, right, 0.3));
    else if (!outside) rows.push(...rowsOf(indexOf(seededShuffle(pool, at).slice(0, 5)), text, [], 0.7));
  }
  return rows;
}

/** Our own utterances, among the built-in tools where they want one of those, and among all. */
function ownRows(): Row[] {
  const all = indexOf(ownTools());
  const builtIns = indexOf(builtInTools());
  const names = new Set(builtInTools().map((tool) => tool.name));
  return ownUtterances().flatMap(({ tool, text }) => {
    const right = tool === undefined ? [] : [tool.name];
    const among =
      tool === undefined || names.has(tool.name)
        ? rowsOf(builtIns, text, right, 2)
        : rowsOf(builtIns, text, [], 1);
    return [...among, ...rowsOf(all, text, right, 1)];
  });
}

function fitWeights(rows: readonly Row[], l2: number): Record<string, number> {
  const names = Object.keys(rows[0]?.features ?? {});
  const weights: Record<string, number> = Object.fromEntries(names.map((name) => [name, 0]));
  const scale: Record<string, number> = Object.fromEntries(names.map((name) => [name, 0]));
  const total = rows.reduce((sum, row) => sum + row.weight, 0);
  for (let epoch = 0; epoch < 1500; epoch++) {
    const gradient: Record<string, number> = {};
    for (const { features, right, weight } of rows) {
      const sum = names.reduce((all, name) => all + (features[name] ?? 0) * (weights[name] ?? 0), 0);
      const push = (weight * (1 / (1 + Math.exp(-sum)) - (right ? 1 : 0))) / total;
      for (const name of names) gradient[name] = (gradient[name] ?? 0) + push * (features[name] ?? 0);
    }
    for (const name of names) {
      const g = (gradient[name] ?? 0) + (name === "bias" ? 0 : l2 * (weights[name] ?? 0));
      scale[name] = 0.99 * (scale[name] ?? 0) + 0.01 * g * g;
      weights[name] = (weights[name] ?? 0) - (0.02 * g) / (Math.sqrt(scale[name] ?? 0) + 1e-6);
    }
  }
  return weights;
}

const cases = ["bfcl_simple_python.jsonl", "bfcl_live_simple.jsonl"].flatMap((file) =>
  half(readCases(file) ?? []),
);
const pool = [...new Map(cases.flatMap((one) => one.tools).map((tool) => [tool.name, tool])).values()];
const rows = [...toolRows(cases), ...intentRows(pool), ...ownRows()];
const weights = fitWeights(rows, Number(flags.l2));
const lines = Object.entries(weights).map(
  ([name, weight]) => `  ${name}: ${Math.round(weight * 1000) / 1000},`,
);
const body = [
  "/** Weights of the in-scope logistic, fitted on public sets by scripts/fit-tier0-scope.ts. Generated: fit again instead of editing. */",
  "export const SCOPE_WEIGHTS: Readonly<Record<string, number>> = {",
  ...lines,
  "};",
  "",
].join("\n");
writeFileSync(
  flags.out ?? new URL("../services/router/src/tier0/prior/scope-weights.ts", import.meta.url),
  body,
);
console.log(`${rows.length} drafts, ${rows.filter((row) => row.right).length} right`);
