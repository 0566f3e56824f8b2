import type { Reused } from "@forerun/cache/cache";
import type { Effect, JsonObject, JsonValue } from "@forerun/toolkit";

/** Names a call within its tenant; the turn is empty outside of turns. */
export type CallId = Readonly<{ turnId: string; callId: string }>;

/** A call as it reaches the executor; nothing about it is checked yet. */
export type CallRequest = CallId &
  Readonly<{
    name: string;
    arguments: JsonObject;
    /** Started before the decision. */
    early: boolean;
    /** The how-manieth try this is; 1 where it is left out. */
    attempt?: number;
    /** Hash of the definition that the caller saw; empty means the current one. */
    toolHash: string;
    /** W3C `traceparent` under which it runs. */
    trace?: string | undefined;
  }>;

/** Stable causes of a failed call; the model reads the message beside it. */
export const FAILURE_CODES = [
  "unknown_tool",
  "invalid_arguments",
  "timeout",
  "cancelled",
  "unreachable",
  "not_found",
  "not_configured",
  "invalid_output",
  "denied",
  "busy",
  "outcome_unknown",
  "failed",
] as const;

export type FailureCode = (typeof FAILURE_CODES)[number];

export type CallFailure = { kind: "failure"; code: FailureCode; message: string };

export type CallResult = { kind: "result"; output: JsonValue; rendered: string; truncated: boolean };

export type CallEnd = CallResult | CallFailure;

export type CallProgress = { kind: "progress"; text: string; fraction: number };

/** What happens to a call, in order; a result or a failure comes last, always. */
export type CallEvent =
  | { kind: "accepted"; effect: Effect }
  | CallProgress
  | (CallEnd & { durationMs: number; reused?: Reused });

/** A call that ended, for logs and metrics: timings and causes, no content. */
export type FinishedCall = Readonly<{
  tool: string;
  callId: string;
  turnId: string;
  early: boolean;
  outcome: "ok" | FailureCode;
  /** The tool did not run: an earlier result still held. */
  reused: boolean;
  durationMs: number;
  trace: string | undefined;
}>;

export function failure(code: FailureCode, message: string): CallFailure {
  return { kind: "failure", code, message };
}
