import type { Embedder } from "@forerun/embeddings/embedder";
import { type Prior, readClause } from "@forerun/router/tier0/decision/draft";
import { type Heads, UNFITTED } from "@forerun/router/tier0/decision/heads";
import { fitHeads, type LabelledDrafts } from "@forerun/router/tier0/learning/fit-heads";
import type { ToolDefinition } from "@forerun/router/tier0/tool-definition";
import { CLOCK } from "../ask.ts";
import { builtInTools } from "../built-in-tools.ts";
import { type IntentCase, questionOf, type RoutingCase } from "../data.ts";
import { ownTools, ownUtterances } from "../own-utterances.ts";
import { pooledTools } from "../pooled-tools.ts";
import { seededShuffle } from "../shuffle.ts";
import { type Exampled, exampleRows, type Read } from "./example-rows.ts";
import { type IndexOf, learntIndexes } from "./learnt-indexes.ts";

export type HeadSets = Readonly<{
  cases: readonly RoutingCase[];
  intents: readonly IntentCase[];
  exampled: Exampled;
}>;

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

/**
 * Fits both heads on a mix of relevant and irrelevant turns: the own tool alone and among foreign ones, foreign ones only, all
 * pooled, tools known by examples alone, out-of-scope questions, small talk. Ranked by words, or with an embedder by meaning.
 */
export async function fitHeadWeights(
  sets: HeadSets,
  prior: Prior,
  embedder: Embedder | undefined,
): Promise<Heads> {
  const ours = { builtIns: builtInTools(), all: ownTools() };
  const pool = pooledTools(sets.cases);
  const subjects = {
    learnt: [...Object.values(ours), ...sets.exampled.registries],
    tools: pool,
    texts: textsOf(sets),
  };
  const read = reader(prior, await learntIndexes(subjects, prior.lexicon, embedder));
  const rows = [
    ...sets.cases.flatMap((one, at) => caseRows(one, at, pool, read)),
    ...sets.intents.flatMap((one, at) => intentRows(one, at, { pool, builtIns: ours.builtIns }, read)),
    ...ownRows(ours, read),
    ...exampleRows(sets.exampled, read),
  ];
  return fitHeads(rows, { centre: UNFITTED, l2: L2 });
}

function textsOf({ cases, intents, exampled }: HeadSets): string[] {
  const texts = [
    ...cases.map(questionOf),
    ...[...intents, ...exampled.inside].map(({ text }) => text),
    ...exampled.outside,
    ...ownUtterances().map(({ text }) => text),
  ];
  return [...new Set(texts)];
}

function reader(prior: Prior, indexOf: IndexOf): Read {
  return (tools, text, right, weight) => {
    const { drafts } = readClause(indexOf(tools), text, CLOCK, prior);
    const wanted = drafts.findIndex(({ ranked }) => right.includes(ranked.tool.definition.name));
    const features = drafts.map((draft) => draft.features);
    return drafts.length === 0 ? [] : [{ drafts: features, wanted: wanted < 0 ? undefined : wanted, weight }];
  };
}

function caseRows(one: RoutingCase, at: number, pool: ToolDefinition[], read: Read): LabelledDrafts[] {
  const [own] = one.tools;
  if (own === undefined) return [];
  const text = questionOf(one);
  const others = pool.filter((tool) => tool.name !== own.name);
  const foreign = seededShuffle(others, at).slice(0, FOREIGN);
  return [
    ...read([own], text, [own.name], 1.5),
    ...read([...foreign, own], text, [own.name], 1),
    ...read(foreign, text, [], 1.5),
    ...read(foreign.slice(0, 1), text, [], 0.2),
    ...read(pool, text, [own.name], 0.7),
  ];
}

function intentRows(
  { text, intent }: IntentCase,
  at: number,
  { pool, builtIns }: Readonly<{ pool: ToolDefinition[]; builtIns: ToolDefinition[] }>,
  read: Read,
): LabelledDrafts[] {
  if (UNDECIDED.has(intent)) return [];
  const right = BUILT_IN_INTENTS.get(intent) ?? [];
  if (intent === "oos") return [...read(builtIns, text, [], 2), ...read(pool, text, [], 1.5)];
  if (right.length > 0) return read(builtIns, text, right, 0.7);
  if (at % THINNED !== 0) return [];
  return [
    ...read(builtIns, text, [], 0.7),
    ...read(seededShuffle(pool, at).slice(0, FOREIGN), text, [], 0.7),
  ];
}

function ownRows(
  { builtIns, all }: Readonly<{ builtIns: ToolDefinition[]; all: ToolDefinition[] }>,
  read: Read,
): LabelledDrafts[] {
  const names = new Set(builtIns.map((tool) => tool.name));
  return ownUtterances().flatMap(({ tool, text }) => {
    const right = tool === undefined ? [] : [tool.name];
    const served = tool === undefined || names.has(tool.name);
    return [...read(builtIns, text, served ? right : [], served ? 2 : 1), ...read(all, text, right, 1)];
  });
}
