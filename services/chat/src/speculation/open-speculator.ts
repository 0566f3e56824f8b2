import { elapsedNow, type Work } from "../turn-work.ts";
import { EarlyCalls } from "./early-calls.ts";
import { Speculator } from "./speculator.ts";

/** The early calls of one turn, as its job and the policy allow them. */
export function openSpeculator(work: Omit<Work, "scribe" | "speculator">): Speculator {
  const { job, deps, signal, ids } = work;
  const { lease, caller, span } = job;
  const elapsed = () => elapsedNow(work);
  const early = new EarlyCalls({
    execute: (call, stop) => {
      const { deadline } = lease;
      const scope = { caller, trace: span.traceparent, deadline, signal: AbortSignal.any([signal, stop]) };
      return deps.collaborators.execute(call, lease.turnId, scope, true);
    },
    elapsed,
  });
  const enabled = deps.speculation.enabled && job.speculate && job.toolChoice !== "none";
  return new Speculator({
    early,
    expectations: deps.expectations,
    policy: { ...deps.speculation, enabled },
    ids,
    tenant: lease.tenant,
    elapsed,
  });
}
