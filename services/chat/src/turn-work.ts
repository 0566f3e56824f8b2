import type { Caller } from "@forerun/runtime/caller";
import type { Logger } from "@forerun/runtime/logger";
import type { Span, Tracer } from "@forerun/telemetry/tracing";
import { elapsed } from "./call-record.ts";
import type { CallScope, Collaborators } from "./collaborators.ts";
import type { CallIds } from "./plan/call-ids.ts";
import type { HistoryMessage, TurnLease } from "./ports.ts";
import type { TurnQuota } from "./quota/turn-quota.ts";
import type { Scribe } from "./scribe.ts";
import type { AnswerAhead } from "./speculation/answer-ahead.ts";
import type { Expectations } from "./speculation/expectations.ts";
import type { SpeculationPolicy } from "./speculation/launch-rule.ts";
import type { Speculator } from "./speculation/speculator.ts";
import type { TurnProgress } from "./turn-progress.ts";
import type { TurnTerms } from "./turn-terms.ts";

export type TurnJob = TurnTerms & {
  caller: Caller;
  lease: TurnLease;
  text: string;
  history: readonly HistoryMessage[];
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
  /** Where it stood when this process began to drive it. */
  progress: TurnProgress;
  scribe: Scribe;
  deps: DriveDeps;
  signal: AbortSignal;
  /** What it may use; undefined where nothing bounds that. */
  quota: TurnQuota | undefined;
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
