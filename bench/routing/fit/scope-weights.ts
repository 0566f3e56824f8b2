import { type Prior, readClause } from "@forerun/router/tier0/decision/draft";
import { compileTool } from "@forerun/router/tier0/ranking/compiled-tool";
import { buildToolIndex, type ToolIndex } from "@forerun/router/tier0/ranking/tool-index";
import type { ToolDefinition } from "@forerun/router/tier0/tool-definition";
import { CLOCK } from "../ask.ts";
import { builtInTools } from "../built-in-tools.ts";
import { type IntentCase, questionOf, type RoutingCase } from "../data.ts";
import { ownTools, ownUtterances } from "../own-utterances.ts";
import { seededShuffle } from "../shuffle.ts";

export type ScopeSets = Readonly<{ cases: readonly RoutingCase[]; intents: readonly IntentCase[] }>;

type Row = { features: Readonly<Record<string, number>>; right: boolean; weight: number };
type Read = (
  tools: readonly ToolDefinition[],
  text: string,
  right: readonly string[],
  weight: number,
) => Row[];

const BUILT_IN_INTENTS: ReadonlyMap<string, readonly string[]> = new Map([
  ["weather", ["get_weather"]],
  ["time", ["current_time"]],
  ["timezone", ["current_time", "geocode"]],
  ["calculator", ["calculator"]],
  ["measurement_conversion", ["convert_units"]],
  ["date", ["current_time", "date_math"]],
  ["GetWeather", ["get_weather"]],
]);
/** Intents whose questions a built-in tool may or may not serve: they teach nothing. */
const UNDECIDED = new Set([
  "exchange_rate",
  "current_location",
  "distance",
  "next_holiday",
  "definition",
  "taxes",
]);
const FOREIGN = 5;
/** Of intents that want no built-in tool every so many lines are read: there are many, and they are alike. */
const THINNED = 4;
const L2 = 0.003;
const EPOCHS = 1_500;

/**
 * Fits whether a message wants the tool it ranks first, on a mix of relevant and irrelevant turns: the own tool alone and among
 * foreign ones, foreign ones only, all pooled, out-of-scope questions, small talk.
 */
export function fitScopeWeights(sets: ScopeSets, prior: Prior): Record<string, number> {
  const read = reader(prior);
  const pool = [...new Map(sets.cases.flatMap((one) => one.tools).map((tool) => [tool.name, tool])).values()];
  const rows = [
    ...sets.cases.flatMap((one, at) => caseRows(one, at, pool, read)),
    ...sets.intents.flatMap((one, at) => intentRows(one, at, pool, read)),
    ...ownRows(read),
  ];
  return fitLogistic(rows);
}

function reader(prior: Prior): Read {
  const compiled = new Map<string, ReturnType<typeof compileTool>>();
  const indexes = new WeakMap<readonly ToolDefinition[], ToolIndex>();
  const compile = (tool: ToolDefinition): ReturnType<typeof compileTool> => {
    const key = JSON.stringify(tool);
    const one = compiled.get(key) ?? compileTool(tool, prior.lexicon);
    compiled.set(key, one);
    return one;
  };
  return (tools, text, right, weight) => {
    const index = indexes.get(tools) ?? buildToolIndex(tools.map(compile));
    indexes.set(tools, index);
    return readClause(index, text, CLOCK, prior).drafts.map(({ ranked, features }) => ({
      features,
      right: right.includes(ranked.tool.definition.name),
      weight,
    }));
  };
}

function caseRows(one: RoutingCase, at: number, pool: ToolDefinition[], read: Read): Row[] {
  const [own] = one.tools;
  if (own === undefined) return [];
  const text = questionOf(one);
  const others = pool.filter((tool) => tool.name !== own.name);
  const foreign = seededShuffle(others, at).slice(0, FOREIGN);
  return [
    ...read([own], text, [own.name], 1.5),
    ...read([...foreign, own], text, [own.name], 1),
    ...read(foreign, text, [], 1),
    ...read(foreign.slice(0, 1), text, [], 0.2),
    ...read(pool, text, [own.name], 0.7),
  ];
}

function intentRows({ text, intent }: IntentCase, at: number, pool: ToolDefinition[], read: Read): Row[] {
  if (UNDECIDED.has(intent)) return [];
  const right = BUILT_IN_INTENTS.get(intent) ?? [];
  const builtIns = builtInTools();
  if (intent === "oos") return [...read(builtIns, text, [], 2), ...read(pool, text, [], 1.5)];
  if (right.length > 0) return read(builtIns, text, right, 0.7);
  if (at % THINNED !== 0) return [];
  return [
    ...read(builtIns, text, [], 0.7),
    ...read(seededShuffle(pool, at).slice(0, FOREIGN), text, [], 0.7),
  ];
}

function ownRows(read: Read): Row[] {
  const builtIns = builtInTools();
  const all = ownTools();
  const names = new Set(builtIns.map((tool) => tool.name));
  return ownUtterances().flatMap(({ tool, text }) => {
    const right = tool === undefined ? [] : [tool.name];
    const served = tool === undefined || names.has(tool.name);
    return [...read(builtIns, text, served ? right : [], served ? 2 : 1), ...read(all, text, right, 1)];
  });
}

const STEP = 0.02;

function fitLogistic(rows: readonly Row[]): Record<string, number> {
  const names = Object.keys(rows[0]?.features ?? {});
  const table = rows.map((row) => names.map((name) => row.features[name] ?? 0));
  const total = rows.reduce((sum, row) => sum + row.weight, 0);
  const weights = names.map(() => 0);
  const scale = names.map(() => 0);
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const gradient = names.map((name, i) => (name === "bias" ? 0 : L2 * (weights[i] ?? 0)));
    for (const [at, values] of table.entries()) {
      const row = rows[at];
      if (row === undefined) continue;
      const sum = values.reduce((all, value, i) => all + value * (weights[i] ?? 0), 0);
      const push = (row.weight * (1 / (1 + Math.exp(-sum)) - (row.right ? 1 : 0))) / total;
      for (const [i, value] of values.entries()) gradient[i] = (gradient[i] ?? 0) + push * value;
    }
    for (const [i, slope] of gradient.entries()) {
      scale[i] = 0.99 * (scale[i] ?? 0) + 0.01 * slope * slope;
      weights[i] = (weights[i] ?? 0) - (STEP * slope) / (Math.sqrt(scale[i] ?? 0) + 1e-6);
    }
  }
  return Object.fromEntries(names.map((name, i) => [name, Math.round((weights[i] ?? 0) * 1_000) / 1_000]));
}
