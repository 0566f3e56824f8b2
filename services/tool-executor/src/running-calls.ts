import type { Caller } from "@forerun/runtime/caller";
import type { CallStop } from "./call-stop.ts";

/** The calls that run here, by who may cancel them. */
export class RunningCalls {
  readonly #calls = new Map<string, Set<CallStop>>();

  /** Notes a call until the returned function is called. */
  add(caller: Caller, turnId: string, callId: string, stop: CallStop): () => void {
    const key = keyOf(caller, turnId, callId);
    const calls = this.#calls.get(key) ?? new Set();
    this.#calls.set(key, calls.add(stop));
    return () => {
      calls.delete(stop);
      if (calls.size === 0 && this.#calls.get(key) === calls) this.#calls.delete(key);
    };
  }

  /** False when the caller's tenant has no such call running. */
  cancel(caller: Caller, turnId: string, callId: string): boolean {
    const calls = this.#calls.get(keyOf(caller, turnId, callId));
    if (!calls) return false;
    for (const call of calls) call.stop("cancelled");
    return true;
  }

  cancelAll(): void {
    for (const call of [...this.#calls.values()].flatMap((calls) => [...calls])) call.stop("cancelled");
  }
}

// JSON, so that no id can be chosen to look like another tenant's key.
function keyOf(caller: Caller, turnId: string, callId: string): string {
  return JSON.stringify([caller.tenant, turnId, callId]);
}
