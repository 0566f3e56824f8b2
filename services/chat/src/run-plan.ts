import { LinkedAbort } from "@forerun/runtime/linked-abort";
import { elapsed, endingEvent, openRecord } from "./call-record.ts";
import type { CallScope } from "./collaborators.ts";
import type { PlannedCall } from "./plan/plan-calls.ts";
import { prepareDependent } from "./plan/prepare-dependent.ts";
import { awaitEarly, type RunDeps, recordStop, runCall } from "./run-call.ts";
import type { ToolCall, ToolCallRecord } from "./turn.ts";

/** A plan that is being run. */
type Running = {
  /** How its calls end, by id, and those of the rounds before. */
  ends: Map<string, Promise<ToolCallRecord>>;
  earlier: readonly ToolCallRecord[];
  deps: RunDeps;
  scope: CallScope;
};

/**
 * Brings the planned calls to their ends: independent ones side by side, one that uses results of others as soon as those are in
 * the log. A call that failed takes those that need it with it, and the others go on. The first fault stops all, and is thrown
 * when each has been recorded. `earlier` holds the records of the rounds before.
 */
export async function runPlan(
  planned: readonly PlannedCall[],
  earlier: readonly ToolCallRecord[],
  deps: RunDeps,
  scope: CallScope,
): Promise<void> {
  using siblings = new LinkedAbort(scope.signal);
  const ends = new Map(earlier.map((record) => [record.call.callId, Promise.resolve(record)]));
  const running: Running = { ends, earlier, deps, scope: { ...scope, signal: siblings.signal } };
  const runs = planned.map((call) => {
    const run = bring(call, running).catch((fault: unknown) => {
      siblings.abort(fault);
      throw fault;
    });
    ends.set(call.record.call.callId, run);
    return run;
  });
  const settled = await Promise.allSettled(runs);
  const failed = settled.find((run) => run.status === "rejected");
  if (failed) throw failed.reason;
}

async function bring(call: PlannedCall, running: Running): Promise<ToolCallRecord> {
  const { deps, scope } = running;
  switch (call.kind) {
    case "denied":
    case "hit":
    case "ended":
      return call.record;
    case "fresh":
      return runCall(call.record, deps, scope);
    case "again":
      return runCall(call.record, deps, { ...scope, attempt: deps.lease.epoch });
    case "late":
      return awaitEarly(call, deps, scope.signal);
    case "waiting":
      return runDependent(call.record.call, running);
    default:
      return call satisfies never;
  }
}

/** It is decided already, so it starts at once when its sources have ended. */
async function runDependent(call: ToolCall, running: Running): Promise<ToolCallRecord> {
  const { earlier, deps, scope } = running;
  const sources = await sourcesOf(call, running);
  const atMs = elapsed(deps.lease, deps.now());
  const { kind, record } = prepareDependent(call, { sources, earlier, atMs });
  await deps.scribe.record(kind === "ready" ? { kind: "toolCallStarted", record } : endingEvent(record));
  return kind === "ready" ? runCall(record, deps, scope) : record;
}

async function sourcesOf(call: ToolCall, { ends, deps, scope }: Running): Promise<ToolCallRecord[]> {
  try {
    // Judged before: each of them stands in the plan before this call.
    const sources = await Promise.all(call.dependsOn.map((id) => ends.get(id)));
    scope.signal.throwIfAborted();
    return sources.filter((record) => record !== undefined);
  } catch (fault) {
    await recordStop(openRecord(call, elapsed(deps.lease, deps.now())), deps, scope.signal, fault);
    throw fault;
  }
}
