/** The work of one turn: look up and route at once, run the tools side by side, write the answer, end exactly once. */
import type { Caller } from "@forerun/runtime/caller";
import { LinkedAbort } from "@forerun/runtime/linked-abort";
import type { Logger } from "@forerun/runtime/logger";
import { SPANS } from "@forerun/telemetry/names";
import type { Span, Tracer } from "@forerun/telemetry/tracing";
import { elapsed } from "./call-record.ts";
import type { CallScope, Collaborators, RouteStep, ToolChoice } from "./collaborators.ts";
import { endingOf, type StopReason } from "./ending.ts";
import type { HistoryMessage, TurnLease } from "./ports.ts";
import { openingEvents, planCalls, runTools } from "./run-tools.ts";
import { Fenced, type Scribe } from "./scribe.ts";
import { EarlyCalls } from "./speculation/early-calls.ts";
import type { Expectations } from "./speculation/expectations.ts";
import type { SpeculationPolicy } from "./speculation/launch-rule.ts";
import { Speculator } from "./speculation/speculator.ts";
import type { Ending, RouteDecision, Snippet, ToolCallRecord, Turn, Usage } from "./turn.ts";
import { addUsage } from "./usage.ts";

export type TurnLimits = { maxModelCalls: number; maxToolCalls: number; maxOutputTokens: number };

export type TurnJob = {
  caller: Caller;
  lease: TurnLease;
  text: string;
  history: readonly HistoryMessage[];
  toolChoice: ToolChoice;
  allowedTools: readonly string[];
  limits: TurnLimits;
  /** May tools start before the decision? */
  speculate: boolean;
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

/** Snippets that go to the answer. */
const SNIPPETS = 5;

type Work = { job: TurnJob; scribe: Scribe; deps: DriveDeps; signal: AbortSignal; speculator: Speculator };

/**
 * Drives an accepted turn to its end and returns it; `undefined` when another owner took it over.
 * `stop` ends the turn with the reason it carries; the lease's deadline ends it too.
 */
export async function driveTurn(
  job: TurnJob,
  scribe: Scribe,
  deps: DriveDeps,
  stop: AbortSignal,
): Promise<Turn | undefined> {
  const { span } = job;
  // Ends the siblings of whatever fails first, and everything once the turn has ended.
  using work = new LinkedAbort(stop);
  const { signal } = work;
  let late = false;
  const left = Math.max(0, job.lease.deadline.getTime() - deps.now().getTime());
  const timer = setTimeout(() => {
    late = true;
    work.abort(new DOMException("the turn's time is over", "TimeoutError"));
  }, left);
  try {
    const speculator = openSpeculator(job, deps, signal);
    const ending = await answerTurn({ job, scribe, deps, signal, speculator }).catch((fault: unknown) => {
      const stopped = stop.aborted ? (stop.reason as StopReason) : late ? "deadline" : undefined;
      return endingOf(fault, stopped, scribe.turn.text !== "", deps.log, job.lease.turnId);
    });
    work[Symbol.dispose]();
    // Early calls of a turn that ended without a decision.
    const unclaimed = speculator.discard();
    if (unclaimed.length > 0) await scribe.stream("gather", ...unclaimed);
    const finishing = deps.tracer.start(SPANS.finish, span.traceparent);
    const turn = await scribe.finish(ending, deps.now());
    finishing.end();
    learn(turn, deps.expectations);
    span.setAttributes({ "forerun.state": turn.state });
    span.end(turn.state === "failed" ? "error" : "ok");
    return turn;
  } catch (fault) {
    span.end("error");
    if (fault instanceof Fenced) return undefined;
    throw fault;
  } finally {
    clearTimeout(timer);
  }
}

async function answerTurn(work: Work): Promise<Ending> {
  const { job, scribe, deps } = work;
  const accepted = scribe.turn;
  await scribe.stream(
    "now",
    { kind: "turnCreated", turn: accepted },
    { kind: "turnInProgress", turn: accepted },
  );
  const searching = search(work);
  searching.catch(() => {});
  const decided = await decide(work);
  const { calls, claims, events } = work.speculator.settle(
    decided.decision.action === "call" ? decided.decision.calls : [],
  );
  const decision = { ...decided.decision, calls };
  const planned = await planCalls(calls, claims, job.limits, elapsed(job.lease, deps.now()));
  // One wait for the log before any tool runs: what was decided, what comes of early calls, and what starts now.
  await scribe.record(
    { kind: "routeDecided", decision },
    ...usageEvents(scribe.turn, decided.usage),
    ...events,
    ...openingEvents(planned),
  );
  const [snippets] = await Promise.all([
    searching,
    runTools(planned, job.lease, scribe, deps, scopeOf(work)),
  ]);
  return writeAnswer(work, decision, snippets);
}

/** Retrieval helps an answer but is not owed to it: when it fails the turn goes on without. */
async function search(work: Work): Promise<Snippet[]> {
  const span = work.deps.tracer.start(SPANS.memorySearch, work.job.span.traceparent);
  try {
    const snippets = await work.deps.collaborators.search(work.job.text, SNIPPETS, scopeOf(work, span));
    if (snippets.length > 0) await work.scribe.stream("gather", { kind: "memoryRetrieved", snippets });
    span.end();
    return snippets;
  } catch (fault) {
    span.end("error");
    if (fault instanceof Fenced || work.signal.aborted) throw fault;
    work.deps.log.warn(
      { turn_id: work.job.lease.turnId, err: fault },
      "retrieval failed; the turn goes on without",
    );
    return [];
  }
}

async function decide(work: Work): Promise<Extract<RouteStep, { kind: "decided" }>> {
  const { job, deps } = work;
  const span = deps.tracer.start(SPANS.route, work.job.span.traceparent);
  let outcome: "ok" | "error" = "error";
  try {
    const steps = deps.collaborators.route(
      {
        text: job.text,
        history: job.history,
        toolChoice: job.toolChoice,
        allowedTools: job.allowedTools,
        now: deps.now(),
        // The last call is kept for the answer.
        maxModelCalls: Math.max(0, job.limits.maxModelCalls - 1),
        maxToolCalls: job.limits.maxToolCalls,
      },
      scopeOf(work, span),
    );
    for await (const step of steps) {
      if (step.kind === "drafted") {
        const said = work.speculator.consider(step);
        if (said.length > 0) await work.scribe.stream("gather", ...said);
        continue;
      }
      outcome = "ok";
      deps.mark("decidedMs");
      span.setAttributes({ "forerun.tier": step.decision.tier, "forerun.action": step.decision.action });
      return step;
    }
    throw new Error("the router's stream ended without a decision");
  } finally {
    span.end(outcome);
  }
}

async function writeAnswer(work: Work, decision: RouteDecision, snippets: Snippet[]): Promise<Ending> {
  const { job, scribe, deps } = work;
  const span = deps.tracer.start(SPANS.answer, work.job.span.traceparent);
  let outcome: "ok" | "error" = "error";
  try {
    const steps = deps.collaborators.generate(
      {
        text: job.text,
        history: job.history,
        decision,
        toolCalls: decidedCalls(scribe.turn, decision),
        snippets,
        maxOutputTokens: job.limits.maxOutputTokens,
        maxModelCalls: Math.max(0, job.limits.maxModelCalls - scribe.turn.usage.modelCalls),
        now: deps.now(),
      },
      scopeOf(work, span),
    );
    for await (const step of steps) {
      if (step.kind === "text") {
        // The first word goes at once; those after it may gather.
        const pace = scribe.turn.text === "" ? "now" : "gather";
        deps.mark("firstTextMs");
        await scribe.stream(pace, { kind: "outputTextDelta", text: step.text });
      } else if (step.kind === "citation") {
        await scribe.stream("gather", { kind: "outputTextAnnotationAdded", citation: step.citation });
      } else {
        outcome = "ok";
        await scribe.stream(
          "gather",
          { kind: "outputTextDone", text: scribe.turn.text },
          ...usageEvents(scribe.turn, step.usage),
        );
        return answerEnding(step.finish);
      }
    }
    throw new Error("the answer's stream ended before it was done");
  } finally {
    span.end(outcome);
  }
}

/** Every call that ran to its end tells how long its tool takes. */
function learn({ toolCalls }: Turn, expectations: Expectations): void {
  for (const { call, outcome, startMs, endMs } of toolCalls) {
    if (outcome !== "denied" && outcome !== "cancelled") expectations.toolTook(call.name, endMs - startMs);
  }
}

/** What the decision asked for, and nothing that was thrown away. */
function decidedCalls({ toolCalls }: Turn, { calls }: RouteDecision): ToolCallRecord[] {
  const ids = new Set(calls.map(({ callId }) => callId));
  return toolCalls.filter(({ call }) => ids.has(call.callId));
}

function openSpeculator(job: TurnJob, deps: DriveDeps, signal: AbortSignal): Speculator {
  const { lease, caller, span } = job;
  const elapsedNow = () => elapsed(lease, deps.now());
  const early = new EarlyCalls({
    execute: (call, stop) => {
      const scope = { caller, trace: span.traceparent, signal: AbortSignal.any([signal, stop]) };
      return deps.collaborators.execute(call, lease.turnId, scope, true);
    },
    elapsed: elapsedNow,
  });
  const enabled = deps.speculation.enabled && job.speculate && job.toolChoice !== "none";
  const policy = { ...deps.speculation, enabled };
  return new Speculator({
    early,
    expectations: deps.expectations,
    policy,
    tenant: lease.tenant,
    elapsed: elapsedNow,
  });
}

function answerEnding(finish: "stop" | "max_tokens" | "content_filter"): Ending {
  switch (finish) {
    case "stop":
      return { state: "completed" };
    case "max_tokens":
      return { state: "incomplete", reason: "max_tokens" };
    case "content_filter":
      return { state: "incomplete", reason: "guardrail" };
    default:
      return finish satisfies never;
  }
}

function usageEvents(turn: Turn, usage: Usage): { kind: "usageUpdated"; usage: Usage }[] {
  return usage.modelCalls > 0 ? [{ kind: "usageUpdated", usage: addUsage(turn.usage, usage) }] : [];
}

function scopeOf(work: Work, span: Span = work.job.span): CallScope {
  return { caller: work.job.caller, trace: span.traceparent, signal: work.signal };
}
