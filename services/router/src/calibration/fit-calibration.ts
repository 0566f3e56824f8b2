import { decide } from "../tier0/decision/decide.ts";
import { type Prior, readClause } from "../tier0/decision/draft.ts";
import type { Heads } from "../tier0/decision/heads.ts";
import { TIER0_POLICY_VERSION } from "../tier0/decision/tier0-decision.ts";
import { ArgumentValidator } from "../tier0/decision/validator.ts";
import { fitHeads, type LabelledDrafts } from "../tier0/learning/fit-heads.ts";
import type { ToolIndex } from "../tier0/ranking/tool-index.ts";
import { Registry } from "../tier0/registry.ts";
import type { Clock } from "../tier0/spans/utterance.ts";
import type { ToolDefinition } from "../tier0/tool-definition.ts";
import type { Calibration } from "./calibration.ts";
import { calibrationError } from "./calibration-error.ts";
import { chooseThreshold } from "./choose-threshold.ts";
import { type JudgedTurn, type ScopeWeights, weightsFor } from "./judged-turn.ts";
import type { LabelledTurn } from "./labelled-turn.ts";
import { mayDecideAlone, type TurnsByTool } from "./may-decide-alone.ts";

export type CalibrationOptions = Readonly<{
  prior: Prior;
  /** Tools of turns that bring none. */
  tools: readonly ToolDefinition[];
  clock: Clock;
  /** Expected share of live turns that want no tool; that of the labelled ones unless given. */
  outOfScopeShare: number | undefined;
  /** Share of right decisions to promise. */
  promised: number;
}>;

type Read = Readonly<{ turn: LabelledTurn; index: ToolIndex; drafts: LabelledDrafts }>;

const FOLDS = 5;
/** Pull towards the prior, as if by so many turns. */
const PRIOR_TURNS = 2;
const MOST_CALLS = 16;

/**
 * Fits heads and the threshold of deciding alone to labelled turns, which must include some that want no tool. What is promised
 * is judged by heads that have not seen the turns they are judged on. Throws RangeError without turns of an expected kind.
 */
export async function fitCalibration(
  turns: readonly LabelledTurn[],
  options: CalibrationOptions,
): Promise<Calibration> {
  const outOfScope = turns.filter(({ wanted }) => wanted.length === 0).length;
  const counts = { inScope: turns.length - outOfScope, outOfScope };
  const share = options.outOfScopeShare ?? counts.outOfScope / turns.length;
  const weights = weightsFor(counts, share);
  const byTool = countByTool(turns);
  const read = await readTurns(turns, weights, options);
  const judged = crossJudged(read, byTool, options);
  const found = chooseThreshold(judged, options.promised);
  return {
    version: 1,
    policy_version: TIER0_POLICY_VERSION,
    made_at: options.clock.now.toISOString(),
    turns: { in_scope: counts.inScope, out_of_scope: counts.outOfScope, by_tool: byTool },
    out_of_scope_share: share,
    heads: fitted(read, options.prior.heads),
    calibration_error: calibrationError(
      judged.flatMap(({ leader, weight }) =>
        leader ? [{ probability: leader.pTool, happened: leader.wanted, weight }] : [],
      ),
    ),
    skip: found
      ? {
          promised: options.promised,
          threshold: found.threshold,
          precision: found.precision,
          lower_bound: found.lowerBound,
          coverage: found.coverage,
        }
      : null,
  };
}

function countByTool(turns: readonly LabelledTurn[]): TurnsByTool {
  const counts = new Map<string, number>();
  for (const name of turns.flatMap(({ wanted }) => [...new Set(wanted)]))
    counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries(counts);
}

async function readTurns(
  turns: readonly LabelledTurn[],
  weights: ScopeWeights,
  { prior, tools, clock }: CalibrationOptions,
): Promise<Read[]> {
  const registry = new Registry(prior.lexicon);
  const common = await registry.index(tools);
  await common.examples?.learn();
  const read: Read[] = [];
  for (const turn of turns) {
    const index = turn.tools === undefined ? common : await registry.index(turn.tools);
    const { drafts } = readClause(index, turn.text, clock, prior);
    const wanted = drafts.findIndex(({ ranked }) => turn.wanted.includes(ranked.tool.definition.name));
    read.push({
      turn,
      index,
      drafts: {
        drafts: drafts.map(({ features }) => features),
        wanted: wanted < 0 ? undefined : wanted,
        weight: turn.wanted.length > 0 ? weights.inScope : weights.outOfScope,
      },
    });
  }
  return read;
}

function fitted(read: readonly Read[], centre: Heads): Heads {
  return fitHeads(
    read.map(({ drafts }) => drafts),
    { centre, l2: PRIOR_TURNS / Math.max(1, read.length) },
  );
}

/** Each turn judged with heads that were fitted to the others' folds. */
function crossJudged(read: readonly Read[], turns: TurnsByTool, options: CalibrationOptions): JudgedTurn[] {
  const judged: JudgedTurn[] = [];
  for (let fold = 0; fold < FOLDS; fold++) {
    const others = read.filter((_, at) => at % FOLDS !== fold);
    const prior = { ...options.prior, heads: fitted(others, options.prior.heads) };
    const judge = turnJudge(prior, turns, options.clock);
    judged.push(...read.filter((_, at) => at % FOLDS === fold).map(judge));
  }
  return judged;
}

/** Decides a labelled turn with the prior and compares. */
export function turnJudge(prior: Prior, turns: TurnsByTool, clock: Clock): (read: Read) => JudgedTurn {
  const means = { prior, validator: new ArgumentValidator() };
  return ({ turn, index, drafts: { weight } }) => {
    const { text, history } = turn;
    const decision = decide(index, { text, history, clock, toolChoice: "auto", maxCalls: MOST_CALLS }, means);
    const definitions = new Map(index.tools.map(({ definition }) => [definition.name, definition]));
    const [leader] = decision.candidates;
    return {
      confidence: mayDecideAlone(decision, (name) => definitions.get(name), turns)
        ? decision.confidence
        : undefined,
      right: turn.isRight(decision.calls),
      leader: leader && { pTool: leader.pTool, wanted: turn.wanted.includes(leader.name) },
      weight,
    };
  };
}
