import type { JsonObject } from "../tier0/tool-definition.ts";
import type { DecisionJson } from "./decision-json.ts";
import type { ModelCatalog } from "./model-catalog.ts";
import type { DecidedCall } from "./model-decision.ts";
import { resolveLiterals } from "./references.ts";

export type CheckedCalls = Readonly<{ calls: readonly DecidedCall[]; refusals: readonly string[] }>;

export type CallRules = Readonly<{
  catalog: ModelCatalog;
  allowed: ReadonlySet<string>;
  maxToolCalls: number;
}>;

/** Keeps the calls that may go on, in the model's order, and says why each of the others may not. */
export function checkCalls(asked: DecisionJson["calls"], rules: CallRules): CheckedCalls {
  const calls: DecidedCall[] = [];
  const refusals: string[] = [];
  const seen = new Set<string>();
  const ids = callIds(asked);
  const beyond = asked.length - rules.maxToolCalls;
  if (beyond > 0) {
    refusals.push(
      `too_many_calls: ${asked.length} were asked for, the first ${rules.maxToolCalls} are taken`,
    );
  }
  for (const [index, { tool, args }] of asked.slice(0, rules.maxToolCalls).entries()) {
    const resolved = resolveLiterals(args);
    const refusal = refusalOf(tool, resolved.arguments, resolved.dependsOn.length > 0, rules);
    if (refusal !== undefined) {
      refusals.push(refusal);
      continue;
    }
    const key = JSON.stringify([tool, sorted(resolved.arguments)]);
    if (!seen.has(key)) calls.push({ callId: ids[index] ?? `c${index + 1}`, name: tool, ...resolved });
    seen.add(key);
  }
  return { calls, refusals };
}

function refusalOf(tool: string, args: JsonObject, refers: boolean, rules: CallRules): string | undefined {
  if (!rules.allowed.has(tool) || !rules.catalog.has(tool)) {
    return `unknown_tool: there is no tool ${JSON.stringify(tool.slice(0, 64))}`;
  }
  // What a reference stands for is known only when the other call has ended.
  if (refers) return undefined;
  const problem = rules.catalog.problemOf(tool, args);
  return problem === undefined ? undefined : `invalid_arguments: ${tool}: ${problem}`;
}

/** The model's own ids where they are sound, so that its references hold; c1, c2, … otherwise. */
function callIds(asked: DecisionJson["calls"]): string[] {
  const given = asked.map(({ id }) => id ?? "");
  const sound = new Set(given).size === given.length && given.every((id) => /^c[0-9]{1,4}$/.test(id));
  return sound ? given : given.map((_, index) => `c${index + 1}`);
}

/** The same arguments in another order are the same call. */
function sorted(args: JsonObject): [string, unknown][] {
  return Object.entries(args).sort(([one], [other]) => (one < other ? -1 : 1));
}
