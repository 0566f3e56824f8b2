import type { CacheKey } from "./cache-key.ts";
import { SharedWork } from "./shared-work.ts";

/** A promise that is made once in this process for all who want the same at the same time. */
export class SingleFlight<T> {
  readonly #shared = new SharedWork<{ done: Promise<T> }>();

  /** What `work` gives, or its error, for all who wait; the signal's reason for one whose own signal aborts. */
  async run(
    key: CacheKey<unknown>,
    work: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    signal.throwIfAborted();
    using share = this.#shared.join(key, (stop) => ({ done: work(stop) }));
    return await unlessAborted(share.work.done, signal);
  }
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    signal.addEventListener("abort", leave, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  });
}
