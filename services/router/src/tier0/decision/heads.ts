/** Feature → weight. */
export type HeadWeights = Readonly<Record<string, number>>;

/**
 * Two questions, fitted apart. `scope`: does the message want the leading tool's kind of help at all? Absolute, so that
 * "nothing fits" can be seen. `choice`: if so, which of the likely tools? Relative, so that a registry of one has nothing to ask.
 */
export type Heads = Readonly<{ scope: HeadWeights; choice: HeadWeights }>;

/** By its words alone, or by its meaning too: how a clause was ranked. */
export type RankedBy = "words" | "meaning";

/** The scores of both ways are on different scales, and tell different things: each has heads of its own. */
export type HeadsByRanking = Readonly<Record<RankedBy, Heads>>;

export const UNFITTED: Heads = { scope: {}, choice: {} };

export type Features = Readonly<Record<string, number>>;

/** What the choice among drafts looks at; the other features are the same for all of them. */
export const CHOICE_FEATURES = [
  "score",
  "terms",
  "characters",
  "coverage",
  "name",
  "nameless",
  "meaning",
  "example",
  "likeExample",
  "unlikeExample",
  "complete",
  "demanding",
  "parameterless",
  "filled",
  "typed",
  "arguments",
  "explained",
  "unexplained",
] as const;

export function scopeProbability(features: Features, scope: HeadWeights): number {
  let sum = 0;
  for (const [name, value] of Object.entries(features)) sum += value * (scope[name] ?? 0);
  return 1 / (1 + Math.exp(-sum));
}

/** Probabilities of the drafts if one of them is wanted, in their order; they sum to 1. */
export function choiceProbabilities(drafts: readonly Features[], choice: HeadWeights): number[] {
  const sums = drafts.map((features) =>
    CHOICE_FEATURES.reduce((sum, name) => sum + (features[name] ?? 0) * (choice[name] ?? 0), 0),
  );
  const highest = Math.max(...sums);
  const powers = sums.map((sum) => Math.exp(sum - highest));
  const total = powers.reduce((all, power) => all + power, 0);
  return powers.map((power) => power / total);
}
