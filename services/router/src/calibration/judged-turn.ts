import type { Forecast } from "./calibration-error.ts";

/** What a decision about a labelled turn was worth. */
export type JudgedTurn = Readonly<{
  /** How sure tier 0 was of its calls; undefined when it made none, or none that may do without a model. */
  confidence: number | undefined;
  /** The calls are the wanted ones. */
  right: boolean;
  /** Probability of the tool that led, and whether it was wanted. */
  leader: Readonly<{ pTool: number; wanted: boolean }> | undefined;
  /** How sure the arguments of its calls were, where the wanted tools were called; `right` as above. */
  pArguments: number | undefined;
  /** How much the turn counts: see `weightsFor`. */
  weight: number;
}>;

/** The leading tools' probabilities against whether they were wanted. */
export function forecastsOf(turns: readonly JudgedTurn[]): Forecast[] {
  return turns.flatMap(({ leader, weight }) =>
    leader ? [{ probability: leader.pTool, happened: leader.wanted, weight }] : [],
  );
}

/** Of calls of the wanted tools, the arguments' probabilities against whether they were right. */
export function argumentForecastsOf(turns: readonly JudgedTurn[]): Forecast[] {
  return turns.flatMap(({ pArguments, right, weight }) =>
    pArguments === undefined ? [] : [{ probability: pArguments, happened: right, weight }],
  );
}

/** Weights of turns in and out of scope, so that the latter make up the share that is expected of live ones. Mean 1. */
export type ScopeWeights = Readonly<{ inScope: number; outOfScope: number }>;

/** Throws RangeError when one kind has no turns, but is expected. */
export function weightsFor(counts: ScopeWeights, outOfScopeShare: number): ScopeWeights {
  const total = counts.inScope + counts.outOfScope;
  return {
    inScope: weigh(1 - outOfScopeShare, counts.inScope, total),
    outOfScope: weigh(outOfScopeShare, counts.outOfScope, total),
  };
}

function weigh(share: number, count: number, total: number): number {
  if (share === 0) return 0;
  if (count === 0) throw new RangeError("no turns of a kind that is expected");
  return (share * total) / count;
}
