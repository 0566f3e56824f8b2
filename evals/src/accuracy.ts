import { wilsonBounds } from "@forerun/router/calibration/wilson";
import type { CaseResult } from "./run-cases.ts";

/** A share with the 90 % interval (Wilson) of what it would be over any number of such cases. */
export type Accuracy = Readonly<{
  passed: number;
  cases: number;
  accuracy: number;
  lower: number;
  upper: number;
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
  const accuracy = cases === 0 ? 0 : passed / cases;
  return { passed, cases, accuracy, ...wilsonBounds(accuracy, cases) };
}
