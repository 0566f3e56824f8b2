import type { TurnLease } from "./ports.ts";
import type { ToolCall, ToolCallRecord } from "./turn.ts";

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
  };
}

/** Milliseconds since the turn was accepted. */
export function elapsed(lease: TurnLease, now: Date): number {
  return Math.max(0, now.getTime() - lease.createTime.getTime());
}
