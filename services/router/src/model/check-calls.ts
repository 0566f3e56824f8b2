import type { JsonObject } from "../tier0/tool-definition.ts";
import type { DecisionJson } from "./decision-json.ts";
import type { ModelCatalog } from "./model-catalog.ts";
import type { DecidedCall } from "./model-decision.ts";
import { type ReadArguments, readArguments } from "./references.ts";

export type CheckedCalls = Readonly<{ calls: readonly DecidedCall[]; refusals: readonly string[] }>;

export type CallRules = Readonly<{
  catalog: ModelCatalog;
  allowed: ReadonlySet<string>;
  maxToolCalls: number;
  /** Ids of the turn's earlier calls: their results may be referred to as well. */
  earlier: ReadonlySet<string>;
}>;

/** Keeps the calls that may go on, in the model's order, and says why each of the others may not. */
export function checkCalls(asked: DecisionJson["calls"], rules: CallRules): CheckedCalls {
  const calls: DecidedCall[] = [];
  const refusals: string[] = [];
  const seen = new Set<string>();
  const ids = callIds(asked);
  const read = asked.slice(0, rules.maxToolCalls).map(({ tool, args }) => ({ tool, ...readArguments(args) }));
  const referred = new Set(read.flatMap(({ dependsOn }) => dependsOn));
  // An id that is given anew names its own call.
  const usable = new Set([...rules.earlier].filter((id) => !ids.includes(id)));
  if (asked.length > read.length) {
    refusals.push(`too_many_calls: ${asked.length} were asked for, the first ${read.length} are taken`);
  }
  for (const [index, { tool, ...args }] of read.entries()) {
    const callId = ids[index] ?? `c${index + 1}`;
    const refusal = refusalOf(tool, args, usable, rules);
    if (refusal !== undefined) {
      refusals.push(refusal);
      continue;
    }
    const key = JSON.stringify([tool, sorted(args.arguments)]);
    if (seen.has(key) && !referred.has(callId)) continue;
    seen.add(key);
    usable.add(callId);
    calls.push({ callId, name: tool, ...args });
  }
  return { calls, refusals };
}

function refusalOf(
  tool: string,
  args: ReadArguments,
  usable: ReadonlySet<string>,
  { allowed, catalog }: CallRules,
): string | undefined {
  if (!allowed.has(tool) || !catalog.has(tool)) {
    return `unknown_tool: there is no tool ${JSON.stringify(tool.slice(0, 64))}`;
  }
  const unusable = args.dependsOn.find((id) => !usable.has(id));
  if (unusable !== undefined) {
    return `bad_reference: ${tool}: ${unusable.slice(0, 16)} is no call before it that may run`;
  }
  // What a reference stands for is known only when the other call has ended: the executor checks the whole.
  if (args.dependsOn.length > 0) return undefined;
  const problem = catalog.problemOf(tool, args.arguments);
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
