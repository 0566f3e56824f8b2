import type { JudgedTurn } from "./judged-turn.ts";
import { wilsonBounds } from "./wilson.ts";

export type Threshold = Readonly<{
  /** Tier 0 decides alone from this confidence on. */
  threshold: number;
  /** Share of right decisions among those above, and what it is at least, with 95 % confidence. */
  precision: number;
  lowerBound: number;
  /** Share of all turns that lie above. */
  coverage: number;
}>;

/** The lowest threshold above which decisions are right as often as promised, by the lower bound; undefined when there is none. */
export function chooseThreshold(turns: readonly JudgedTurn[], promised: number): Threshold | undefined {
  return thresholds(turns).findLast(({ lowerBound }) => lowerBound >= promised);
}

/** What decisions from a confidence on are worth on these turns. */
export function atThreshold(turns: readonly JudgedTurn[], threshold: number): Threshold | undefined {
  return thresholds(turns).findLast((one) => one.threshold >= threshold);
}

/** One for each confidence that occurs, highest first. */
function thresholds(turns: readonly JudgedTurn[]): Threshold[] {
  const all = turns.reduce((sum, { weight }) => sum + weight, 0);
  const sure = turns.flatMap(({ confidence, right, weight }) =>
    confidence === undefined ? [] : [{ confidence, right, weight }],
  );
  sure.sort((a, b) => b.confidence - a.confidence);
  const found: Threshold[] = [];
  let [weight, squares, right] = [0, 0, 0];
  for (const [at, one] of sure.entries()) {
    weight += one.weight;
    squares += one.weight ** 2;
    if (one.right) right += one.weight;
    if (weight === 0 || sure[at + 1]?.confidence === one.confidence) continue;
    const precision = right / weight;
    // Weighted turns tell as much as so many equal ones (Kish 1965).
    const { lower } = wilsonBounds(precision, weight ** 2 / squares);
    found.push({ threshold: one.confidence, precision, lowerBound: lower, coverage: weight / all });
  }
  return found;
}
