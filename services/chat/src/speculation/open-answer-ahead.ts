import { SPANS } from "@forerun/telemetry/names";
import type { Span } from "@forerun/telemetry/tracing";
import type { AnswerStep } from "../collaborators.ts";
import type { RouteDecision, Snippet, ToolCallRecord } from "../turn.ts";
import { type DriveDeps, scopeOf, type TurnJob, type Work } from "../turn-work.ts";
import { askForAnswer, UNBOUNDED } from "../write-answer.ts";
import { AnswerAhead } from "./answer-ahead.ts";

export function openAnswerAhead(job: TurnJob, deps: DriveDeps, signal: AbortSignal): AnswerAhead {
  return new AnswerAhead({
    span: () => deps.tracer.start(SPANS.answer, job.span.traceparent),
    expectations: deps.expectations,
    policy: deps.speculation,
    tenant: job.lease.tenant,
    signal,
  });
}

/**
 * Where request or policy wants it, the first decision is the last one, and no quota or bound on cost leaves a guess without room. The
 * model calls are those of a turn without it: a decision and an answer; a wrong answer is one more.
 */
export function mayAnswerAhead({ job, deps, quota }: Work): boolean {
  const { speculation, limits } = job;
  const wanted = speculation === "with_answer" || (speculation === "auto" && deps.speculation.answer);
  return wanted && quota === undefined && limits.maxModelCalls === 2 && limits.maxCostMicros === 0;
}

/** Asks for the answer to a decision for these calls and no others. */
export async function* generateAhead(
  work: Work,
  searching: Promise<readonly Snippet[]>,
  records: readonly ToolCallRecord[],
  span: Span,
  signal: AbortSignal,
): AsyncGenerator<AnswerStep> {
  const snippets = await searching;
  const findings = { decision: guess(records), records };
  yield* askForAnswer(
    work,
    findings,
    { snippets, modelCalls: 1, early: true, bounds: UNBOUNDED },
    { ...scopeOf(work, span), signal },
  );
}

function guess(records: readonly ToolCallRecord[]): RouteDecision {
  return {
    action: "call",
    calls: records.map(({ call }) => call),
    text: "",
    confidence: 0,
    candidates: [],
    tier: 0,
    policyVersion: "",
    fallbackReason: "",
    thought: "",
    reason: "",
    audit: "none",
  };
}
