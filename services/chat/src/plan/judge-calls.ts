import { callKey } from "../speculation/canonical.ts";
import type { ToolCall, ToolCallRecord } from "../turn.ts";
import { neededIds } from "./reference.ts";

/** Why a call is refused: a stable code, and words for the model. */
export type Denial = { errorCode: string; errorMessage: string };

export type CallRules = {
  /** Calls that this round may make. */
  maxToolCalls: number;
  /** Names of tools that the turn may use; empty means all. */
  allowedTools: readonly string[];
  toolsAllowed: boolean;
  /** Records of the rounds before, in order. */
  earlier: readonly ToolCallRecord[];
};

/**
 * Judges a decision before any of its calls runs: the reason why each is refused, or undefined where it may run. A call may use
 * results of calls that stand before it and of earlier rounds, so that no plan has a cycle. Does not look into the tools'
 * schemas: the executor does, when arguments are whole.
 */
export function judgeCalls(calls: readonly ToolCall[], rules: CallRules): (Denial | undefined)[] {
  const ids = new Set(calls.map(({ callId }) => callId));
  const usable = new Map<string, boolean>();
  const made = new Set<string>();
  for (const { call, outcome } of rules.earlier) {
    usable.set(call.callId, outcome !== "denied" && outcome !== "failed");
    made.add(callKey(call));
  }
  // An id that this decision gives anew names its own call.
  for (const id of ids) usable.delete(id);
  return calls.map((call, index) => {
    const denial =
      permissionDenial(call, index, rules) ??
      (made.has(callKey(call)) ? REPEATED : sourceDenial(call, ids, usable));
    if (!usable.has(call.callId)) usable.set(call.callId, denial === undefined);
    return denial;
  });
}

const REPEATED: Denial = {
  errorCode: "repeated",
  errorMessage: "the same call was made before in this turn; what came of it stands",
};

function permissionDenial(call: ToolCall, index: number, rules: CallRules): Denial | undefined {
  if (index >= rules.maxToolCalls) {
    return { errorCode: "limit", errorMessage: "the turn's limit of tool calls is reached" };
  }
  const { allowedTools, toolsAllowed } = rules;
  if (toolsAllowed && (allowedTools.length === 0 || allowedTools.includes(call.name))) return undefined;
  return { errorCode: "not_allowed", errorMessage: `this turn may not use ${call.name}` };
}

/** `usable`: the calls known so far, and whether their results may come to be. */
function sourceDenial(
  call: ToolCall,
  ids: ReadonlySet<string>,
  usable: ReadonlyMap<string, boolean>,
): Denial | undefined {
  const needed = neededIds(call);
  const unknown = needed.find((id) => !usable.has(id));
  if (unknown !== undefined) {
    const errorMessage = ids.has(unknown)
      ? "it refers to its own result or to that of a later call; a call may use results of earlier calls only"
      : `it refers to the result of ${unknown.slice(0, 16)}, and there is no such call`;
    return { errorCode: "bad_reference", errorMessage };
  }
  if (needed.every((id) => usable.get(id))) return undefined;
  return {
    errorCode: "dependency_failed",
    errorMessage: "a call whose result it needs was refused or failed",
  };
}
