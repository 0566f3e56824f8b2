import type { Decision } from "./decision.ts";
import { problemWith } from "./judge.ts";
import type { RoutingCase } from "./routing-case.ts";
import type { Comparison } from "./same-call.ts";

export type CaseResult = Readonly<{
  case: RoutingCase;
  /** Undefined when the router failed. */
  got: Decision | undefined;
  /** What is wrong with it; undefined when the case passed. */
  problem: string | undefined;
  /** Time of the decision in milliseconds. */
  ms: number;
}>;

/** Decides a case; throws when the router cannot. */
export type Decide = (one: RoutingCase) => Promise<Decision>;

/** Results in the order of the cases, a few of which are asked at once, since a model lets one wait. */
export async function* runCases(
  cases: readonly RoutingCase[],
  decide: Decide,
  { how, atOnce, signal }: { how: Comparison; atOnce: number; signal: AbortSignal },
): AsyncGenerator<CaseResult> {
  const asked: Promise<CaseResult>[] = [];
  for (const one of cases) {
    const [first] = asked.length === atOnce ? asked.splice(0, 1) : [];
    if (first) yield await first;
    if (signal.aborted) break;
    asked.push(runCase(one, decide, how));
  }
  for (const result of asked) yield await result;
}

async function runCase(one: RoutingCase, decide: Decide, how: Comparison): Promise<CaseResult> {
  const begun = performance.now();
  try {
    const got = await decide(one);
    return { case: one, got, problem: problemWith(got, one, how), ms: performance.now() - begun };
  } catch (fault) {
    const problem = `the router failed: ${(fault as Error).message}`;
    return { case: one, got: undefined, problem, ms: performance.now() - begun };
  }
}
