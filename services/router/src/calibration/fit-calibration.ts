import type { Heads } from "../tier0/decision/heads.ts";
import { withHeads } from "../tier0/decision/prior.ts";
import { TIER0_POLICY_VERSION } from "../tier0/decision/tier0-decision.ts";
import { fitHeads } from "../tier0/learning/fit-heads.ts";
import { type Calibration, rankingOf } from "./calibration.ts";
import { calibrationError } from "./calibration-error.ts";
import { chooseThreshold } from "./choose-threshold.ts";
import { turnJudge } from "./judge-turn.ts";
import { argumentForecastsOf, forecastsOf, type JudgedTurn, weightsFor } from "./judged-turn.ts";
import type { LabelledTurn } from "./labelled-turn.ts";
import type { Calibrated, TurnsByTool } from "./may-decide-alone.ts";
import { type Reading, type ReadTurn, readTurns } from "./read-turns.ts";

export type CalibrationOptions = Reading &
  Readonly<{
    /** Expected share of live turns that want no tool; that of the labelled ones unless given. */
    outOfScopeShare: number | undefined;
    /** Share of right decisions to promise. */
    promised: number;
  }>;

const FOLDS = 5;
/** Pull towards the prior, as if by so many turns. */
const PRIOR_TURNS = 2;

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
  const embedder = options.embedder?.id ?? null;
  const calibrated = { turns: countByTool(turns), rankedBy: rankingOf({ embedder }) };
  const read = await readTurns(turns, weightsFor(counts, share), options);
  const judged = crossJudged(read, calibrated, options);
  const argued = argumentForecastsOf(judged);
  const found = chooseThreshold(judged, options.promised);
  return {
    version: 1,
    policy_version: TIER0_POLICY_VERSION,
    embedder,
    made_at: options.clock.now.toISOString(),
    turns: { in_scope: counts.inScope, out_of_scope: counts.outOfScope, by_tool: calibrated.turns },
    out_of_scope_share: share,
    heads: fitted(read, options.prior.heads[calibrated.rankedBy]),
    calibration_error: calibrationError(forecastsOf(judged)),
    arguments_error: argued.length === 0 ? null : calibrationError(argued),
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

function fitted(read: readonly ReadTurn[], centre: Heads): Heads {
  return fitHeads(read, { centre, l2: PRIOR_TURNS / Math.max(1, read.length) });
}

/** Each turn judged with heads that were fitted to the others' folds. */
function crossJudged(
  read: readonly ReadTurn[],
  calibrated: Calibrated,
  { prior, clock }: CalibrationOptions,
): JudgedTurn[] {
  const { rankedBy } = calibrated;
  const judged: JudgedTurn[] = [];
  for (let fold = 0; fold < FOLDS; fold++) {
    const others = read.filter((_, at) => at % FOLDS !== fold);
    const refitted = withHeads(prior, rankedBy, fitted(others, prior.heads[rankedBy]));
    const judge = turnJudge(refitted, calibrated, clock);
    judged.push(...read.filter((_, at) => at % FOLDS === fold).map(judge));
  }
  return judged;
}
