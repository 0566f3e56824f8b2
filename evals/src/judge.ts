import type { Decision } from "./decision.ts";
import type { RoutingCase } from "./routing-case.ts";
import { type Comparison, sameCalls } from "./same-call.ts";

/** The first thing that is wrong with a decision, the worst first, in a few words; undefined when it is as expected. */
export function problemWith(
  got: Decision,
  { expect, forbid }: RoutingCase,
  how: Comparison,
): string | undefined {
  const forbidden = got.calls.find(({ name }) => forbid.includes(name));
  if (forbidden) return `calls ${forbidden.name}, which is forbidden`;
  if (!expect.action.includes(got.action)) return `${got.action} instead of ${expect.action.join(" or ")}`;
  if (got.action !== "call") return undefined;
  if (namesOf(got.calls) !== namesOf(expect.calls)) return "other tools";
  return sameCalls(got.calls, expect, how) ? undefined : "other arguments or order";
}

function namesOf(calls: readonly { name: string }[]): string {
  return calls
    .map(({ name }) => name)
    .sort()
    .join(" ");
}
