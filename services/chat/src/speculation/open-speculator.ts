import { LinkedAbort } from "@forerun/runtime/linked-abort";
import { ATTRIBUTES, SPANS } from "@forerun/telemetry/names";
import type { ToolStep } from "../collaborators.ts";
import type { ToolCall } from "../turn.ts";
import { elapsedNow, scopeOf, type Work } from "../turn-work.ts";
import { EarlyCalls } from "./early-calls.ts";
import { Speculator } from "./speculator.ts";

/** The early calls of one turn, as its job and the policy allow them. */
export function openSpeculator(work: Omit<Work, "progress" | "scribe" | "speculator">): Speculator {
  const { job, deps, ids, ahead } = work;
  const elapsed = () => elapsedNow(work);
  const early = new EarlyCalls({
    execute: (call, scope) => execute(work, call, scope),
    span: ({ name }) => {
      const attributes = { [ATTRIBUTES.tool]: name };
      return deps.tracer.start(SPANS.tool, job.span.traceparent, { attributes });
    },
    elapsed,
    ended: () => speculator.callEnded(),
  });
  const enabled = deps.speculation.enabled && job.speculation !== "off" && job.toolChoice !== "none";
  const speculator = new Speculator({
    early,
    ahead,
    expectations: deps.expectations,
    policy: { ...deps.speculation, enabled },
    ids,
    tenant: job.lease.tenant,
    elapsed,
  });
  return speculator;
}

/** Ends with the turn's work as well as by its own signal. */
async function* execute(
  work: Parameters<typeof openSpeculator>[0],
  call: ToolCall,
  { trace, signal }: { trace: string | undefined; signal: AbortSignal },
): AsyncGenerator<ToolStep> {
  using both = new LinkedAbort(work.signal, signal);
  const scope = { ...scopeOf(work), trace, signal: both.signal };
  yield* work.deps.collaborators.execute(call, work.job.lease.turnId, scope, true);
}
