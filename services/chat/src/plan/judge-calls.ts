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

/** What is to become of a decided call. */
export type Verdict = {
  /** Why it may not run; undefined where it may. */
  denial?: Denial;
  /** The earlier call that it repeats: references to it are to that one's result. */
  repeats?: string;
};

/**
 * Judges a decision before any of its calls runs. A call may use results of calls that stand before it and of earlier rounds, so
 * that no plan has a cycle. Does not look into the tools' schemas: the executor does, when arguments are whole.
 */
export function judgeCalls(calls: readonly ToolCall[], rules: CallRules): Verdict[] {
  const ids = new Set(calls.map(({ callId }) => callId));
  const before = new Map(rules.earlier.map(({ call, outcome }) => [call.callId, isUsable(outcome)]));
  // An id that this decision gives anew names its own call.
  const usable = new Map([...before].filter(([id]) => !ids.has(id)));
  const ran = rules.earlier.filter(({ outcome }) => outcome !== "denied");
  const made = new Map(ran.map(({ call }) => [callKey(call), call.callId]));
  return calls.map((call, index) => {
    const repeats = made.get(callKey(call));
    const denial =
      permissionDenial(call, index, rules) ?? (repeats ? REPEATED : sourceDenial(call, ids, usable));
    const brings = repeats ? before.get(repeats) === true : denial === undefined;
    if (!usable.has(call.callId)) usable.set(call.callId, brings);
    return { ...(denial && { denial }), ...(repeats && { repeats }) };
  });
}

function isUsable(outcome: ToolCallRecord["outcome"]): boolean {
  return outcome !== "denied" && outcome !== "failed";
}

export const REPEATED: Denial = {
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
