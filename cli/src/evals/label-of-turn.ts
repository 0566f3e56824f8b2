import { type Turn, TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { Outcome, type ToolCall, type ToolCallRecord } from "@forerun/contracts/forerun/common/v1/common_pb";
import type { ExpectedCall } from "@forerun/router/calibration/same-calls";

/** Why a turn tells nothing of what a model makes of its message. */
export type NoLabel =
  | "not completed"
  | "without a decision"
  | "decided by tier 0"
  | "a fallback"
  | "a question back"
  | "an unclear round"
  | "without its message";

/** The calls that a model decided for; none where it wanted no tool. */
export type TurnLabel =
  | Readonly<{ kind: "label"; expected: readonly ExpectedCall[] }>
  | Readonly<{ kind: "none"; why: NoLabel }>;

/** What a model decided in a turn, in all of its rounds. */
export function labelOfTurn({ state, decision, toolCalls }: Turn): TurnLabel {
  if (state !== TurnState.COMPLETED) return none("not completed");
  if (!decision) return none("without a decision");
  if (decision.fallbackReason !== "") return none("a fallback");
  if (decision.tier === 0) return none("decided by tier 0");
  if (decision.action === "clarify") return none("a question back");
  const own = new Set(decision.calls.map(({ callId }) => callId));
  const others = toolCalls.filter(({ call }) => call && !own.has(call.callId));
  // An early call that failed may have been right or wrong: the record of one that failed does not tell.
  if (others.some(({ early, outcome }) => early && outcome === Outcome.FAILED))
    return none("an unclear round");
  const earlier = others.filter(isDecided).flatMap(({ call }) => call ?? []);
  return { kind: "label", expected: [...earlier, ...decision.calls].map(expectedCall) };
}

const DECIDED: ReadonlySet<Outcome> = new Set([Outcome.COMMITTED, Outcome.HIT, Outcome.LATE, Outcome.FAILED]);

/** A call of an earlier round; what was guessed and thrown away was decided by nobody. */
function isDecided({ outcome }: ToolCallRecord): boolean {
  return DECIDED.has(outcome);
}

function expectedCall({ name, arguments: args }: ToolCall): ExpectedCall {
  return { name, arguments: args ?? {} };
}

function none(why: NoLabel): TurnLabel {
  return { kind: "none", why };
}
