import { SPANS } from "@forerun/telemetry/names";
import type { Tracer } from "@forerun/telemetry/tracing";
import type { CallScope, Collaborators } from "./collaborators.ts";
import type { TurnLease } from "./ports.ts";
import { Fenced, type Scribe } from "./scribe.ts";
import type { ToolCall, ToolCallRecord } from "./turn.ts";

type RunDeps = { collaborators: Collaborators; tracer: Tracer; now(): Date };

type RunJob = { lease: TurnLease; limits: { maxToolCalls: number } };

/**
 * Runs the decided calls side by side; each result is in the log before anything is made of it. A tool's failure is a
 * record, never a fault. The first fault stops the other calls, and is thrown when all of them have been recorded.
 */
export async function runTools(
  calls: readonly ToolCall[],
  job: RunJob,
  scribe: Scribe,
  deps: RunDeps,
  scope: CallScope,
): Promise<void> {
  const siblings = new AbortController();
  const signal = AbortSignal.any([scope.signal, siblings.signal]);
  const runs = calls.map(async (call, index) => {
    try {
      const denial = denialOf(call, index, job.limits.maxToolCalls);
      if (!denial) return await runTool(call, job.lease, scribe, deps, { ...scope, signal });
      const record = {
        ...openRecord(call, elapsed(job.lease, deps.now())),
        ...denial,
        outcome: "denied" as const,
      };
      await scribe.record({ kind: "toolCallDenied", record });
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
  call: ToolCall,
  lease: TurnLease,
  scribe: Scribe,
  deps: RunDeps,
  scope: CallScope,
): Promise<void> {
  const span = deps.tracer.start(SPANS.tool, scope.trace, { "tool.name": call.name });
  const started = openRecord(call, elapsed(lease, deps.now()));
  let outcome: "ok" | "error" = "error";
  try {
    await scribe.record({ kind: "toolCallStarted", record: started });
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
        await scribe.stream({
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
