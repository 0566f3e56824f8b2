import { z } from "zod";
import type { Accuracies, Accuracy } from "./accuracy.ts";
import type { CaseResult } from "./run-cases.ts";

const figure = z.strictObject({ passed: z.int().min(0), cases: z.int().min(1) });

/** What was reached, and which cases are known to fail. It changes with the commit that changes what it measures. */
export const baselineSchema = z.strictObject({
  /** Who decided. */
  router: z.string(),
  all: figure,
  kinds: z.record(z.string(), figure),
  known_misses: z.array(z.string()),
});
export type Baseline = z.output<typeof baselineSchema>;

export function baselineOf(
  router: string,
  results: readonly CaseResult[],
  { all, kinds }: Accuracies,
): Baseline {
  const counts = ({ passed, cases }: Accuracy) => ({ passed, cases });
  return {
    router,
    all: counts(all),
    kinds: Object.fromEntries(Object.entries(kinds).map(([kind, accuracy]) => [kind, counts(accuracy)])),
    known_misses: missesOf(results),
  };
}

export type Verdict = Readonly<{
  /** Ids of cases that fail and are no known misses. */
  regressed: readonly string[];
  /** Ids of known misses that pass: the baseline is out of date. */
  fixed: readonly string[];
  /** Sentences about kinds whose accuracy fell, by cases that are gone or new. */
  fallen: readonly string[];
}>;

/** Holds a run against the baseline. Of a part of the cases (`whole` is false) the kinds are compared that have not become fewer. */
export function judgeRun(
  results: readonly CaseResult[],
  { all, kinds }: Accuracies,
  { baseline, whole }: { baseline: Baseline; whole: boolean },
): Verdict {
  const known = new Set(baseline.known_misses);
  const misses = new Set(missesOf(results));
  const then = { all: baseline.all, ...baseline.kinds };
  const now: Readonly<Record<string, Accuracy>> = { all, ...kinds };
  return {
    regressed: [...misses].filter((id) => !known.has(id)),
    fixed: results.map((result) => result.case.id).filter((id) => known.has(id) && !misses.has(id)),
    fallen: Object.entries(then).flatMap(([kind, before]) =>
      whole || (now[kind]?.cases ?? 0) >= before.cases ? fallen(kind, before, now[kind]) : [],
    ),
  };
}

function fallen(
  kind: string,
  before: { passed: number; cases: number },
  now: Accuracy | undefined,
): string[] {
  if (now === undefined) return [`${kind}: no case is of this kind any more`];
  // Compared as whole numbers: a share would bring rounding into an equality.
  if (now.passed * before.cases >= before.passed * now.cases) return [];
  return [`${kind}: ${now.passed} of ${now.cases}, was ${before.passed} of ${before.cases}`];
}

function missesOf(results: readonly CaseResult[]): string[] {
  return results.filter(({ problem }) => problem !== undefined).map((result) => result.case.id);
}
