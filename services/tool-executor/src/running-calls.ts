import type { Caller } from "@forerun/runtime/caller";
import { guard } from "@forerun/runtime/guard";
import type { CallStop } from "./call-stop.ts";
import type { CallId } from "./tool-call.ts";

/** A call that runs here. */
export type RunningCall = {
  readonly stop: CallStop;
  /** The how-manieth try of its call this is, from 1. */
  readonly attempt: number;
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

  /** Stops the tries of a call up to `lastAttempt`. False when the caller's tenant has none of them running. */
  cancel(caller: Caller, of: CallId, lastAttempt = Infinity): boolean {
    const meant = this.#of(caller, of).filter(({ attempt }) => attempt <= lastAttempt);
    for (const { stop } of meant) stop.stop("cancelled");
    return meant.length > 0;
  }

  /** Notes that a decision asked for the call. False when the caller's tenant has no such call running. */
  decide(caller: Caller, of: CallId): boolean {
    const calls = this.#of(caller, of);
    for (const call of calls) call.decided = true;
    return calls.length > 0;
  }

  cancelAll(): void {
    for (const call of [...this.#calls.values()].flatMap((calls) => [...calls])) call.stop.stop("cancelled");
  }

  #of(caller: Caller, of: CallId): RunningCall[] {
    return [...(this.#calls.get(keyOf(caller, of)) ?? [])];
  }
}

// JSON, so that no id can be chosen to look like another tenant's key.
function keyOf(caller: Caller, { turnId, callId }: CallId): string {
  return JSON.stringify([guard("tools.running.tenant", caller.tenant, ""), turnId, callId]);
}
