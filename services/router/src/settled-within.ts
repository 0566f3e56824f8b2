import { setTimeout as delay } from "node:timers/promises";

/** Waits until the work has ended, well or not, but no longer than `ms`. Rejects with the signal's reason alone. */
export async function settledWithin(work: Promise<unknown>, ms: number, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const limit = delay(ms, undefined, { signal: AbortSignal.any([signal, over.signal]) });
  const ended = work.then(
    () => {},
    () => {},
  );
  try {
    await Promise.race([ended, limit.catch(() => {})]);
  } finally {
    over.abort();
  }
  signal.throwIfAborted();
}
