import { setTimeout as sleep } from "node:timers/promises";

const FIRST_MS = 50;
const LONGEST_MS = 1000;

/** Waits before trying again: 50 ms doubling to one second, each with jitter. Throws when the signal aborts. */
export class Backoff {
  #next = FIRST_MS;

  async wait(signal: AbortSignal): Promise<void> {
    const ms = this.#next * (0.5 + Math.random() / 2);
    this.#next = Math.min(LONGEST_MS, this.#next * 2);
    await sleep(ms, undefined, { signal });
  }
}
