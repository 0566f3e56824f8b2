import type { Embedder } from "@forerun/embeddings/embedder";
import type { Tier0Question } from "../tier0/decision/decide.ts";
import { type Prior, readClause } from "../tier0/decision/draft.ts";
import type { Features } from "../tier0/decision/heads.ts";
import type { ToolIndex } from "../tier0/ranking/tool-index.ts";
import type { Clock } from "../tier0/spans/utterance.ts";
import { Tier0 } from "../tier0/tier0.ts";
import type { ToolDefinition } from "../tier0/tool-definition.ts";
import type { ScopeWeights } from "./judged-turn.ts";
import type { LabelledTurn } from "./labelled-turn.ts";

export type Reading = Readonly<{
  prior: Prior;
  /** Tools of turns that bring none. */
  tools: readonly ToolDefinition[];
  /** Ranks by meaning too. Stays its giver's to dispose of. */
  embedder: Embedder | undefined;
  clock: Clock;
  signal: AbortSignal;
}>;

export type ReadTurn = Readonly<{
  turn: LabelledTurn;
  /** The turn's tools, as they rank its texts. */
  index: ToolIndex;
  /** What the heads see of each draft, and which of them is wanted. Heads have no part in either. */
  drafts: readonly Features[];
  wanted: number | undefined;
  weight: number;
}>;

const MOST_CALLS = 16;

/** Reads turns with all that their tools' examples teach. Rejects with what the embedder says, or the signal's reason. */
export async function readTurns(
  turns: readonly LabelledTurn[],
  weights: ScopeWeights,
  { prior, tools, embedder, clock, signal }: Reading,
): Promise<ReadTurn[]> {
  // What fails behind a registration is heard of where the vectors are waited for.
  const tier0 = new Tier0(prior, embedder && { embedder, failed: () => {} });
  const learnt = async (definitions: readonly ToolDefinition[]): Promise<ToolIndex> => {
    const index = await tier0.register(definitions, signal);
    await Promise.all([tier0.learnt(index), tier0.embedded(index)]);
    return index;
  };
  const common = await learnt(tools);
  const read: ReadTurn[] = [];
  for (const turn of turns) {
    const own = turn.tools === undefined ? common : await learnt(turn.tools);
    const question = questionOf(turn, clock);
    const meant = await tier0.indexByMeaning(own, question, signal);
    const index = meant ?? own;
    // What is not ranked by meaning tells nothing about the heads of that.
    const unranked = embedder !== undefined && meant === undefined;
    const drafts = unranked ? [] : readClause(index, turn.text, question.clock, prior).drafts;
    const wanted = drafts.findIndex(({ ranked }) => turn.wanted.includes(ranked.tool.definition.name));
    read.push({
      turn,
      index,
      drafts: drafts.map(({ features }) => features),
      wanted: wanted < 0 ? undefined : wanted,
      weight: turn.wanted.length > 0 ? weights.inScope : weights.outOfScope,
    });
  }
  return read;
}

/** The turn as it was asked; at the clock's time where it does not say when. */
export function questionOf({ text, history, askedAt }: LabelledTurn, clock: Clock): Tier0Question {
  const asked = { now: askedAt ?? clock.now, timeZone: clock.timeZone };
  return { text, history, clock: asked, toolChoice: "auto", maxCalls: MOST_CALLS };
}
