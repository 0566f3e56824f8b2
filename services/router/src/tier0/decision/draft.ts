import type { ArgumentPrior } from "../arguments/assign.ts";
import { type Extraction, extractArguments } from "../arguments/extract.ts";
import type { Lexicon } from "../lexicon/lexicon.ts";
import { type Ranked, rankTools } from "../ranking/rank.ts";
import type { ToolIndex } from "../ranking/tool-index.ts";
import { type Clock, readUtterance, type Utterance } from "../spans/utterance.ts";
import { unlessBare } from "./bare-call.ts";
import { formOf } from "./form.ts";
import {
  choiceProbabilities,
  type Features,
  type Heads,
  type HeadsByRanking,
  type RankedBy,
  scopeProbability,
} from "./heads.ts";
import { scopeFeatures } from "./scope-features.ts";

/** What decisions are made with: fitted once, the same for every request. */
export type Prior = Readonly<{
  /** Names the rules and weights: equal versions decide alike. */
  version: string;
  lexicon: Lexicon;
  arguments: ArgumentPrior;
  heads: HeadsByRanking;
}>;

/** The likeliest call for one clause. */
export type Draft = Readonly<{
  ranked: Ranked;
  extraction: Extraction;
  /** Probability that the clause wants this tool: that it wants one of the likely tools at all, times that it is this one. */
  pTool: number;
  features: Features;
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
  const ranking = rankTools(index, text, RANKED, prior.lexicon.synonyms, formOf(utterance));
  const leader = ranking[0];
  const close = ranking
    .slice(0, MOST_DRAFTS)
    .filter((ranked) => leader !== undefined && leader.score - ranked.score <= CLOSE_MARGIN);
  const drafts = close.map((ranked) => draft(ranked, ranking, utterance, index.tools.length, prior));
  return { utterance, ranking, drafts: weighed(drafts, prior.heads[rankedBy(leader)]) };
}

/** How the tools of a clause were ranked, as any of them tells. */
export function rankedBy(ranked: Ranked | undefined): RankedBy {
  return ranked?.meaning === undefined ? "words" : "meaning";
}

/** The same tool with what a fragment says ("and in Bergen"); undefined when that is nothing. */
export function readFragment(before: Draft, text: string, clock: Clock, prior: Prior): Draft | undefined {
  const { parameters, toolStems } = before.ranked.tool;
  const utterance = readUtterance(text, prior.lexicon, clock);
  const extraction = extractArguments(parameters, toolStems, utterance, prior.arguments);
  return extraction.filled === 0 ? undefined : { ...before, extraction };
}

type UnweighedDraft = Omit<Draft, "pTool">;

function draft(
  ranked: Ranked,
  ranking: readonly Ranked[],
  utterance: Utterance,
  tools: number,
  prior: Prior,
): UnweighedDraft {
  const { parameters, toolStems } = ranked.tool;
  const read = extractArguments(parameters, toolStems, utterance, prior.arguments);
  const extraction = unlessBare(read, ranked.tool);
  const rival = ranking.find((other) => other !== ranked);
  return { ranked, extraction, features: scopeFeatures(ranked, rival, extraction, utterance, tools) };
}

/** The likeliest first. Whether any is wanted is asked of that one. */
function weighed(drafts: readonly UnweighedDraft[], heads: Heads): Draft[] {
  const choice = choiceProbabilities(
    drafts.map(({ features }) => features),
    heads.choice,
  );
  const likeliest = drafts[choice.indexOf(Math.max(...choice))];
  if (likeliest === undefined) return [];
  const inScope = scopeProbability(likeliest.features, heads.scope);
  return drafts
    .map((one, at) => ({ ...one, pTool: inScope * (choice[at] ?? 0) }))
    .sort((a, b) => b.pTool - a.pTool);
}
