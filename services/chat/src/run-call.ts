import { ATTRIBUTES, SPANS } from "@forerun/telemetry/names";
import type { Tracer } from "@forerun/telemetry/tracing";
import { elapsed, endedRecord, endingEvent, endingEvents } from "./call-record.ts";
import type { CallScope, Collaborators } from "./collaborators.ts";
import type { PlannedCall } from "./plan/plan-calls.ts";
import type { TurnLease } from "./ports.ts";
import { Fenced, type Scribe } from "./scribe.ts";
import type { ToolCallRecord } from "./turn.ts";

/** What running a turn's calls takes. */
export type RunDeps = {
  lease: TurnLease;
  scribe: Scribe;
  collaborators: Pick<Collaborators, "execute">;
  tracer: Tracer;
  now(): Date;
};

/** Runs a call whose start is recorded, to its end, which is recorded too. A tool's failure is a record, never a fault. */
export async function runCall(
  started: ToolCallRecord,
  deps: RunDeps,
  scope: CallScope,
): Promise<ToolCallRecord> {
  const span = deps.tracer.start(SPANS.tool, scope.trace, {
    attributes: { [ATTRIBUTES.tool]: started.call.name },
  });
  let brought = false;
  try {
    const ended = await execute(started, deps, { ...scope, trace: span.traceparent });
    brought = ended.outcome === "committed";
    await deps.scribe.record(...endingEvents(ended));
    return ended;
  } catch (fault) {
    await recordStop(started, deps, scope.signal, fault);
    throw fault;
  } finally {
    span.end(brought || scope.signal.aborted ? "ok" : "error");
  }
}

/** A call that was begun early and is still running at the decision: it has been under way all the same. */
export async function awaitEarly(
  { record, result }: Extract<PlannedCall, { kind: "late" }>,
  deps: RunDeps,
  signal: AbortSignal,
): Promise<ToolCallRecord> {
  const decidedMs = elapsed(deps.lease, deps.now());
  try {
    const { step, atMs } = await result;
    // What a stopped call leaves is no result.
    signal.throwIfAborted();
    const saved = { ...record, savedMs: decidedMs - record.startMs };
    const ended = endedRecord(saved, step, atMs, "late");
    await deps.scribe.record(...endingEvents(ended));
    return ended;
  } catch (fault) {
    await recordStop(record, deps, signal, fault);
    throw fault;
  }
}

/** Says of a call that it was stopped, where that is what the fault comes from. */
export async function recordStop(
  started: ToolCallRecord,
  deps: RunDeps,
  signal: AbortSignal,
  fault: unknown,
): Promise<void> {
  if (!signal.aborted || fault instanceof Fenced) return;
  const record = { ...started, outcome: "cancelled" as const, endMs: elapsed(deps.lease, deps.now()) };
  await deps.scribe.record(endingEvent(record));
}

async function execute(started: ToolCallRecord, deps: RunDeps, scope: CallScope): Promise<ToolCallRecord> {
  const { lease, scribe } = deps;
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
        return { ...endedRecord(started, step, elapsed(lease, deps.now()), "committed"), effected: writes };
      case "failure":
        return endedRecord(started, step, elapsed(lease, deps.now()), "committed");
      default:
        step satisfies never;
    }
  }
  throw new Error("the executor's stream ended without a result");
}
