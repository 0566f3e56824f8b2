import { SPANS } from "@forerun/telemetry/names";
import type { Tracer } from "@forerun/telemetry/tracing";
import type { CallScope, Collaborators } from "./collaborators.ts";
import type { TurnLease } from "./ports.ts";
import { Fenced, type Scribe } from "./scribe.ts";
import type { ToolCall, ToolCallRecord } from "./turn.ts";
import type { TurnEventBody } from "./turn-event.ts";

type RunDeps = { collaborators: Collaborators; tracer: Tracer; now(): Date };

type Bounds = { maxToolCalls: number };

/** A decided call: ready to run, or refused with its reason. */
export type PlannedCall = { ready: boolean; record: ToolCallRecord };

/** Judges the decided calls before any of them runs. */
export function planCalls(
  calls: readonly ToolCall[],
  bounds: Bounds,
  lease: TurnLease,
  now: Date,
): PlannedCall[] {
  return calls.map((call, index) => {
    const record = openRecord(call, elapsed(lease, now));
    const denial = denialOf(call, index, bounds.maxToolCalls);
    return denial
      ? { ready: false, record: { ...record, ...denial, outcome: "denied" } }
      : { ready: true, record };
  });
}

/** What is said of planned calls before they run, together with the decision. */
export function openingEvents(planned: readonly PlannedCall[]): TurnEventBody[] {
  return planned.map(({ ready, record }) => ({ kind: ready ? "toolCallStarted" : "toolCallDenied", record }));
}

/**
 * Runs the calls that are ready side by side; each result is in the log before anything is made of it. A tool's failure is a
 * record, never a fault. The first fault stops the other calls, and is thrown when all of them have been recorded.
 */
export async function runTools(
  planned: readonly PlannedCall[],
  lease: TurnLease,
  scribe: Scribe,
  deps: RunDeps,
  scope: CallScope,
): Promise<void> {
  const siblings = new AbortController();
  const signal = AbortSignal.any([scope.signal, siblings.signal]);
  const ready = planned.filter((call) => call.ready);
  const runs = ready.map(async ({ record }) => {
    try {
      await runTool(record, lease, scribe, deps, { ...scope, signal });
    } catch (fault) {
      siblings.abort();
      throw fault;
    }
  });
  const settled = await Promise.allSettled(runs);
  const failed = settled.find((run) => run.status === "rejected");
  if (failed) throw failed.reason;
}

const REFERENCE = /^\$c[0-9]+(\.[A-Za-z_]\w*|\[[0-9]+\])*$/;

function denialOf(
  call: ToolCall,
  index: number,
  maxToolCalls: number,
): { errorCode: string; errorMessage: string } | undefined {
  if (index >= maxToolCalls) {
    return { errorCode: "limit", errorMessage: `this turn may make ${maxToolCalls} tool calls at most` };
  }
  if (call.dependsOn.length > 0 || holdsReference(call.arguments)) {
    return {
      errorCode: "reference_unsupported",
      errorMessage: "a call may not use the result of another call yet",
    };
  }
  return undefined;
}

function holdsReference(value: unknown): boolean {
  if (typeof value === "string") return REFERENCE.test(value);
  if (typeof value === "object" && value !== null) return Object.values(value).some(holdsReference);
  return false;
}

async function runTool(
  started: ToolCallRecord,
  lease: TurnLease,
  scribe: Scribe,
  deps: RunDeps,
  scope: CallScope,
): Promise<void> {
  const span = deps.tracer.start(SPANS.tool, scope.trace, { "tool.name": started.call.name });
  let outcome: "ok" | "error" = "error";
  try {
    const ended = await execute(started, lease, scribe, deps, { ...scope, trace: span.traceparent });
    if (ended.outcome === "committed") outcome = "ok";
    await scribe.record({
      kind: ended.outcome === "committed" ? "toolCallOutput" : "toolCallFailed",
      record: ended,
    });
  } catch (fault) {
    if (scope.signal.aborted && !(fault instanceof Fenced)) {
      const record = { ...started, outcome: "cancelled" as const, endMs: elapsed(lease, deps.now()) };
      await scribe.record({ kind: "toolCallCancelled", record });
    }
    throw fault;
  } finally {
    span.end(outcome);
  }
}

async function execute(
  started: ToolCallRecord,
  lease: TurnLease,
  scribe: Scribe,
  deps: RunDeps,
  scope: CallScope,
): Promise<ToolCallRecord> {
  let writes = false;
  for await (const step of deps.collaborators.execute(started.call, lease.turnId, scope)) {
    switch (step.kind) {
      case "accepted":
        writes = step.writes;
        break;
      case "progress":
        await scribe.stream("gather", {
          kind: "toolCallProgress",
          record: started,
          text: step.text,
          fraction: step.fraction,
        });
        break;
      case "result": {
        const { output, rendered, truncated } = step;
        if (writes) scribe.effectedCallIds.push(started.call.callId);
        return {
          ...started,
          outcome: "committed",
          output,
          rendered,
          truncated,
          endMs: elapsed(lease, deps.now()),
        };
      }
      case "failure":
        return {
          ...started,
          outcome: "failed",
          errorCode: step.code,
          errorMessage: step.message,
          endMs: elapsed(lease, deps.now()),
        };
      default:
        step satisfies never;
    }
  }
  throw new Error("the executor's stream ended without a result");
}

function openRecord(call: ToolCall, startMs: number): ToolCallRecord {
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

function elapsed(lease: TurnLease, now: Date): number {
  return Math.max(0, now.getTime() - lease.createTime.getTime());
}
