import type { ToolStep } from "./collaborators.ts";
import type { TurnLease } from "./ports.ts";
import type { Reused, ToolCall, ToolCallRecord } from "./turn.ts";
import type { TurnEventBody } from "./turn-event.ts";

/** What ends a call that was run. */
export type EndStep = Extract<ToolStep, { kind: "result" | "failure" }>;

/** A call of which nothing is known yet; it begins `startMs` after its turn. */
export function openRecord(call: ToolCall, startMs: number): ToolCallRecord {
  return {
    call,
    outcome: "open",
    early: false,
    rendered: "",
    errorCode: "",
    errorMessage: "",
    startMs,
    endMs: startMs,
    savedMs: 0,
    wastedMs: 0,
    truncated: false,
    effected: false,
  };
}

/** `outcome` is what a result makes of the call; a failure is one however the call began. */
export function endedRecord(
  started: ToolCallRecord,
  step: EndStep,
  endMs: number,
  outcome: "committed" | "hit" | "late",
): ToolCallRecord {
  if (step.kind === "failure") {
    const { code: errorCode, message: errorMessage } = step;
    return { ...started, outcome: "failed", errorCode, errorMessage, endMs, savedMs: 0, ...reusedOf(step) };
  }
  const { output, rendered, truncated } = step;
  return { ...started, outcome, output, rendered, truncated, endMs, ...reusedOf(step) };
}

function reusedOf({ reused }: EndStep): { reused?: Reused } {
  return reused ? { reused } : {};
}

/** What is told of how a decided call ended: first, where that is so, that its result was there already. */
export function endingEvents(record: ToolCallRecord): TurnEventBody[] {
  const { reused, call } = record;
  const ending = endingEvent(record);
  return reused ? [{ kind: "cacheHit", ...reused, what: "tool", callId: call.callId }, ending] : [ending];
}

/** The event that tells how a decided call ended. */
export function endingEvent(record: ToolCallRecord): TurnEventBody {
  switch (record.outcome) {
    case "denied":
      return { kind: "toolCallDenied", record };
    case "failed":
      return { kind: "toolCallFailed", record };
    case "cancelled":
      return { kind: "toolCallCancelled", record };
    default:
      return { kind: "toolCallOutput", record };
  }
}

/** Milliseconds since the turn was accepted. */
export function elapsed(lease: TurnLease, now: Date): number {
  return Math.max(0, now.getTime() - lease.createTime.getTime());
}
