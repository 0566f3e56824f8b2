import type { Caller } from "@forerun/runtime/caller";
import type { Logger } from "@forerun/runtime/logger";
import type { Span, Tracer } from "@forerun/telemetry/tracing";
import { elapsed } from "./call-record.ts";
import type { CallScope, Collaborators, ToolChoice } from "./collaborators.ts";
import type { JsonObject } from "./json.ts";
import type { CallIds } from "./plan/call-ids.ts";
import type { HistoryMessage, TurnLease } from "./ports.ts";
import type { Scribe } from "./scribe.ts";
import type { AnswerAhead } from "./speculation/answer-ahead.ts";
import type { Expectations } from "./speculation/expectations.ts";
import type { SpeculationPolicy } from "./speculation/launch-rule.ts";
import type { Speculator } from "./speculation/speculator.ts";
import type { ClientTools } from "./turn.ts";
import type { TurnLimits } from "./turn-limits.ts";

export type TurnJob = {
  caller: Caller;
  lease: TurnLease;
  text: string;
  history: readonly HistoryMessage[];
  toolChoice: ToolChoice;
  allowedTools: readonly string[];
  limits: TurnLimits;
  /** What may start before the decision: nothing, what the policy says, or the answer besides. */
  speculation: "off" | "auto" | "with_answer";
  /** JSON Schema that the answer must satisfy. */
  responseSchema?: JsonObject | undefined;
  /** The client's own tools: the model answers or asks for calls of them, and nothing is routed or retrieved. */
  clientTools?: ClientTools | undefined;
  /** The turn's own span: all others hang under it, and it ends with the turn. */
  span: Span;
};

export type DriveDeps = {
  collaborators: Collaborators;
  tracer: Tracer;
  now(): Date;
  log: Logger;
  speculation: SpeculationPolicy;
  expectations: Expectations;
  /** A point of the turn's time was reached; the first time counts. */
  mark(point: "decidedMs" | "firstTextMs"): void;
};

/** One turn under way: what it was asked, what it may use, where it writes, and what ends it. */
export type Work = {
  job: TurnJob;
  scribe: Scribe;
  deps: DriveDeps;
  signal: AbortSignal;
  ids: CallIds;
  speculator: Speculator;
  /** The answer, where it may begin before the decision. */
  ahead: AnswerAhead;
};

/** What a call to another service carries; under the turn's span unless another is given. */
export function scopeOf({ job, signal }: Pick<Work, "job" | "signal">, span: Span = job.span): CallScope {
  return { caller: job.caller, trace: span.traceparent, deadline: job.lease.deadline, signal };
}

/** Milliseconds since the turn was accepted. */
export function elapsedNow({ job, deps }: Pick<Work, "job" | "deps">): number {
  return elapsed(job.lease, deps.now());
}
