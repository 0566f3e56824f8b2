import type { CaseResult } from "./run-cases.ts";

/** A share with its 95 % interval (Wilson), which is wide where the cases are few. */
export type Accuracy = Readonly<{
  passed: number;
  cases: number;
  accuracy: number;
  low: number;
  high: number;
}>;

/** Shares of passed cases: over all of them, and of each kind in alphabetical order; a case counts for each of its tags. */
export type Accuracies = Readonly<{ all: Accuracy; kinds: Readonly<Record<string, Accuracy>> }>;

export function accuracyOf(results: readonly CaseResult[]): Accuracies {
  const tags = [...new Set(results.flatMap((result) => result.case.tags))].sort();
  const ofTag = (tag: string) => share(results.filter((result) => result.case.tags.includes(tag)));
  return { all: share(results), kinds: Object.fromEntries(tags.map((tag) => [tag, ofTag(tag)])) };
}

function share(results: readonly CaseResult[]): Accuracy {
  const passed = results.filter(({ problem }) => problem === undefined).length;
  const cases = results.length;
  return { passed, cases, accuracy: cases === 0 ? 0 : passed / cases, ...wilson(passed, cases) };
}

/** Quantile of the normal distribution that leaves 2.5 % on each side. */
const Z = 1.96;

/** Wilson's score interval of a binomial share (E. B. Wilson, 1927): honest also near 0 and 1. */
export function wilson(hits: number, of: number): { low: number; high: number } {
  if (of === 0) return { low: 0, high: 1 };
  const share = hits / of;
  const scale = 1 + Z ** 2 / of;
  const middle = (share + Z ** 2 / (2 * of)) / scale;
  const half = (Z / scale) * Math.sqrt((share * (1 - share)) / of + Z ** 2 / (4 * of ** 2));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
