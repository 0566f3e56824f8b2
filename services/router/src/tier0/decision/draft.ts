import { type Extraction, extractArguments } from "../arguments/extract.ts";
import type { Weights } from "../arguments/score.ts";
import type { Lexicon } from "../lexicon/lexicon.ts";
import { type Ranked, rankTools } from "../ranking/rank.ts";
import type { ToolIndex } from "../ranking/tool-index.ts";
import { type Clock, readUtterance, type Utterance } from "../spans/utterance.ts";
import { scopeFeatures } from "./scope-features.ts";

/** What decisions are made with: fitted once, the same for every request. */
export type Prior = Readonly<{
  lexicon: Lexicon;
  arguments: Weights;
  scope: Readonly<Record<string, number>>;
}>;

/** The likeliest call for one clause. */
export type Draft = Readonly<{
  ranked: Ranked;
  extraction: Extraction;
  /** Probability that the clause wants this tool. */
  pTool: number;
  features: Readonly<Record<string, number>>;
}>;

export type ClauseReading = Readonly<{
  utterance: Utterance;
  ranking: readonly Ranked[];
  /** The likeliest first; undefined when no tool has anything in common with the clause. */
  drafts: readonly Draft[];
}>;

const RANKED = 8;
/** A second tool's arguments are read too when the first leads by less than this. */
const CLOSE_MARGIN = 0.12;
const MOST_DRAFTS = 3;

export function readClause(index: ToolIndex, text: string, clock: Clock, prior: Prior): ClauseReading {
  const utterance = readUtterance(text, prior.lexicon, clock);
  const ranking = rankTools(index, text, RANKED, prior.lexicon.synonyms, hintsOf(utterance));
  const leader = ranking[0];
  const close = ranking
    .slice(0, MOST_DRAFTS)
    .filter((ranked) => leader !== undefined && leader.score - ranked.score <= CLOSE_MARGIN);
  const drafts = close.map((ranked) => draft(ranked, ranking, utterance, index.tools.length, prior));
  return { utterance, ranking, drafts: drafts.sort((a, b) => b.pTool - a.pTool) };
}

/** The same tool with what a fragment says ("and in Bergen"); undefined when that is nothing. */
export function readFragment(before: Draft, text: string, clock: Clock, prior: Prior): Draft | undefined {
  const { parameters, toolStems } = before.ranked.tool;
  const utterance = readUtterance(text, prior.lexicon, clock);
  const extraction = extractArguments(parameters, toolStems, utterance, prior.arguments);
  return extraction.filled === 0 ? undefined : { ...before, extraction };
}

const ARITHMETIC = ["arithmetic", "expression", "calculate"];

function hintsOf(utterance: Utterance): readonly string[] {
  return utterance.expressions().some((span) => !span.variables) ? ARITHMETIC : [];
}

function draft(
  ranked: Ranked,
  ranking: readonly Ranked[],
  utterance: Utterance,
  tools: number,
  prior: Prior,
): Draft {
  const { parameters, toolStems } = ranked.tool;
  const extraction = extractArguments(parameters, toolStems, utterance, prior.arguments);
  const rival = ranking.find((other) => other !== ranked);
  const features = scopeFeatures(ranked, rival, extraction, utterance, tools);
  return { ranked, extraction, features, pTool: logistic(features, prior.scope) };
}

function logistic(
  features: Readonly<Record<string, number>>,
  weights: Readonly<Record<string, number>>,
): number {
  let sum = 0;
  for (const [name, value] of Object.entries(features)) sum += value * (weights[name] ?? 0);
  return 1 / (1 + Math.exp(-sum));
}
