import { LinkedAbort } from "@forerun/runtime/linked-abort";
import { SPANS } from "@forerun/telemetry/names";
import type { Tracer } from "@forerun/telemetry/tracing";
import { elapsed, openRecord } from "./call-record.ts";
import type { CallScope, Collaborators, ToolStep } from "./collaborators.ts";
import type { TurnLease } from "./ports.ts";
import { Fenced, type Scribe } from "./scribe.ts";
import type { Claimed } from "./speculation/early-calls.ts";
import type { ToolCall, ToolCallRecord } from "./turn.ts";
import type { TurnEventBody } from "./turn-event.ts";

type RunDeps = { collaborators: Collaborators; tracer: Tracer; now(): Date };

type Bounds = { maxToolCalls: number };

/** A decided call: refused with its reason, to be run, begun early and done, or begun early and still running. */
export type PlannedCall =
  | { kind: "denied" | "fresh" | "hit"; record: ToolCallRecord }
  | { kind: "late"; record: ToolCallRecord; result: Claimed["result"] };

/** Judges the decided calls before any of them runs, and takes over those that were begun early. */
export async function planCalls(
  calls: readonly ToolCall[],
  claims: ReadonlyMap<string, Claimed>,
  bounds: Bounds,
  atMs: number,
): Promise<PlannedCall[]> {
  return Promise.all(
    calls.map(async (call, index): Promise<PlannedCall> => {
      const denial = denialOf(call, index, bounds.maxToolCalls);
      if (denial)
        return { kind: "denied", record: { ...openRecord(call, atMs), ...denial, outcome: "denied" } };
      const claim = claims.get(call.callId);
      if (!claim) return { kind: "fresh", record: openRecord(call, atMs) };
      if (!claim.ready) return { kind: "late", record: { ...claim.record, call }, result: claim.result };
      const { step, atMs: endMs } = await claim.result;
      const record = { ...claim.record, call, savedMs: endMs - claim.record.startMs };
      return { kind: "hit", record: endedRecord(record, step, endMs, "hit") };
    }),
  );
}

/** What is said of planned calls before they run, together with the decision. */
export function openingEvents(planned: readonly PlannedCall[]): TurnEventBody[] {
  return planned.flatMap(({ kind, record }): TurnEventBody[] => {
    switch (kind) {
      case "denied":
        return [{ kind: "toolCallDenied", record }];
      case "fresh":
        return [{ kind: "toolCallStarted", record }];
      case "hit":
        return [endingEvent(record)];
      case "late":
        return [];
      default:
        return kind satisfies never;
    }
  });
}

/**
 * Brings the planned calls to their ends, side by side; each result is in the log before anything is made of it. A tool's
 * failure is a record, never a fault. The first fault stops the other calls, and is thrown when all of them have been recorded.
 */
export async function runTools(
  planned: readonly PlannedCall[],
  lease: TurnLease,
  scribe: Scribe,
  deps: RunDeps,
  scope: CallScope,
): Promise<void> {
  using siblings = new LinkedAbort(scope.signal);
  const { signal } = siblings;
  const runs = planned.map(async (call) => {
    try {
      if (call.kind === "fresh") await runTool(call.record, lease, scribe, deps, { ...scope, signal });
      if (call.kind === "late") await awaitEarly(call, lease, scribe, deps, signal);
    } catch (fault) {
      siblings.abort(fault);
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
    await scribe.record(endingEvent(ended));
  } catch (fault) {
    await recordStop(started, lease, scribe, deps, scope.signal, fault);
    throw fault;
  } finally {
    span.end(outcome);
  }
}

/** A call that was begun early and is still running at the decision: it has been under way all the same. */
async function awaitEarly(
  { record, result }: Extract<PlannedCall, { kind: "late" }>,
  lease: TurnLease,
  scribe: Scribe,
  deps: RunDeps,
  signal: AbortSignal,
): Promise<void> {
  const decidedMs = elapsed(lease, deps.now());
  try {
    const { step, atMs } = await result;
    // What a stopped call leaves is no result.
    signal.throwIfAborted();
    const saved = { ...record, savedMs: decidedMs - record.startMs };
    await scribe.record(endingEvent(endedRecord(saved, step, atMs, "late")));
  } catch (fault) {
    await recordStop(record, lease, scribe, deps, signal, fault);
    throw fault;
  }
}

async function recordStop(
  started: ToolCallRecord,
  lease: TurnLease,
  scribe: Scribe,
  deps: RunDeps,
  signal: AbortSignal,
  fault: unknown,
): Promise<void> {
  if (!signal.aborted || fault instanceof Fenced) return;
  const record = { ...started, outcome: "cancelled" as const, endMs: elapsed(lease, deps.now()) };
  await scribe.record({ kind: "toolCallCancelled", record });
}

function endingEvent(record: ToolCallRecord): TurnEventBody {
  return { kind: record.outcome === "failed" ? "toolCallFailed" : "toolCallOutput", record };
}

type EndStep = Extract<ToolStep, { kind: "result" | "failure" }>;

/** `outcome` is what a result makes of the call; a failure is one however the call began. */
function endedRecord(
  started: ToolCallRecord,
  step: EndStep,
  endMs: number,
  outcome: "committed" | "hit" | "late",
): ToolCallRecord {
  if (step.kind === "failure") {
    const { code: errorCode, message: errorMessage } = step;
    return { ...started, outcome: "failed", errorCode, errorMessage, endMs, savedMs: 0 };
  }
  const { output, rendered, truncated } = step;
  return { ...started, outcome, output, rendered, truncated, endMs };
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
      case "result":
        if (writes) scribe.effectedCallIds.push(started.call.callId);
        return endedRecord(started, step, elapsed(lease, deps.now()), "committed");
      case "failure":
        return endedRecord(started, step, elapsed(lease, deps.now()), "committed");
      default:
        step satisfies never;
    }
  }
  throw new Error("the executor's stream ended without a result");
}
