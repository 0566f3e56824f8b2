import { setTimeout as delay } from "node:timers/promises";

/** Share of the newest work in what counts as usual. */
const NEWEST_SHARE = 0.3;

/** Waits for work as long as that is worth, and not at all while the work of late took longer. */
export class Patience {
  /** Moving average of what the work took, in milliseconds; what failed counts too. */
  #usualMs = 0;
  #underWay = 0;

  /**
   * What the work gives within `waitMs`, else undefined; it goes on all the same, so that it is known how long it took. While
   * that is too long, one piece of work at a time finds out whether it got quicker, and no other begins: a queue of work that
   * nobody waits for would never get shorter. Rejects with the work's fault when that comes in time, or with the signal's reason.
   */
  async within<T>(waitMs: number, work: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    const tooSlow = this.#usualMs > waitMs;
    if (tooSlow && this.#underWay > 0) return undefined;
    const timed = this.#time(work);
    timed.catch(() => {});
    if (tooSlow) return undefined;
    const over = new AbortController();
    const late = delay(waitMs, undefined, { signal: AbortSignal.any([signal, over.signal]) });
    try {
      return await Promise.race([timed, late.catch(() => undefined)]);
    } finally {
      over.abort();
      signal.throwIfAborted();
    }
  }

  async #time<T>(work: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    this.#underWay += 1;
    try {
      return await work();
    } finally {
      this.#underWay -= 1;
      this.#usualMs += NEWEST_SHARE * (performance.now() - begun - this.#usualMs);
    }
  }
}
