import type { Caller } from "@forerun/runtime/caller";
import type { CallStop } from "./call-stop.ts";
import type { CallId } from "./tool-call.ts";

/** A call that runs here. */
export type RunningCall = {
  readonly stop: CallStop;
  /** A decision asked for it; an early call is not decided for yet. */
  decided: boolean;
};

/** The calls that run here, by who may cancel them or decide for them. */
export class RunningCalls {
  readonly #calls = new Map<string, Set<RunningCall>>();

  /** Notes a call until what is returned is disposed of. */
  add(caller: Caller, of: CallId, call: RunningCall): Disposable {
    const key = keyOf(caller, of);
    const calls = this.#calls.get(key) ?? new Set();
    this.#calls.set(key, calls.add(call));
    return {
      [Symbol.dispose]: () => {
        calls.delete(call);
        if (calls.size === 0 && this.#calls.get(key) === calls) this.#calls.delete(key);
      },
    };
  }

  /** False when the caller's tenant has no such call running. */
  cancel(caller: Caller, of: CallId): boolean {
    return this.#each(caller, of, (call) => call.stop.stop("cancelled"));
  }

  /** Notes that a decision asked for the call. False when the caller's tenant has no such call running. */
  decide(caller: Caller, of: CallId): boolean {
    return this.#each(caller, of, (call) => {
      call.decided = true;
    });
  }

  cancelAll(): void {
    for (const call of [...this.#calls.values()].flatMap((calls) => [...calls])) call.stop.stop("cancelled");
  }

  #each(caller: Caller, of: CallId, act: (call: RunningCall) => void): boolean {
    const calls = this.#calls.get(keyOf(caller, of));
    for (const call of calls ?? []) act(call);
    return calls !== undefined;
  }
}

// JSON, so that no id can be chosen to look like another tenant's key.
function keyOf(caller: Caller, { turnId, callId }: CallId): string {
  return JSON.stringify([caller.tenant, turnId, callId]);
}
