export type Entry = "entered" | "full" | "stopped";

/** Bounds how many calls run at once and how many wait for a place; first come, first served. */
export class Bulkhead {
  readonly #maxRunning: number;
  readonly #maxWaiting: number;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(limits: { running: number; waiting: number }) {
    this.#maxRunning = limits.running;
    this.#maxWaiting = limits.waiting;
  }

  /** Whoever entered must leave. */
  async enter(signal: AbortSignal): Promise<Entry> {
    if (signal.aborted) return "stopped";
    if (this.#running < this.#maxRunning) {
      this.#running++;
      return "entered";
    }
    if (this.#waiting.size >= this.#maxWaiting) return "full";
    return this.#wait(signal);
  }

  /** Hands the place to the one that waits longest. */
  leave(): void {
    const [next] = this.#waiting;
    if (next) next();
    else this.#running--;
  }

  #wait(signal: AbortSignal): Promise<Entry> {
    return new Promise((resolve) => {
      const settle = (entry: Entry) => {
        this.#waiting.delete(admit);
        signal.removeEventListener("abort", stop);
        resolve(entry);
      };
      const admit = () => settle("entered");
      const stop = () => settle("stopped");
      this.#waiting.add(admit);
      signal.addEventListener("abort", stop);
    });
  }
}
