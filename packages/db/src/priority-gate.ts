import { ForerunError } from "@forerun/runtime/forerun-error";

type Waiter = { admit: () => void; refuse: (error: Error) => void };

/** Lets at most `width` tasks run at once; those with priority go first, each group in order of arrival. */
export class PriorityGate {
  readonly #waitMs: number;
  readonly #urgent = new Set<Waiter>();
  readonly #ordinary = new Set<Waiter>();
  #free: number;

  /** `waitMs`: how long a task may wait before it is refused with FR-E1105. */
  constructor(width: number, waitMs: number) {
    this.#free = width;
    this.#waitMs = waitMs;
  }

  async run<T>(priority: boolean, task: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await this.#wait(priority ? this.#urgent : this.#ordinary);
    try {
      return await task();
    } finally {
      this.#leave();
    }
  }

  /** True when nothing runs and nothing waits. */
  idle(width: number): boolean {
    return this.#free === width;
  }

  async #wait(line: Set<Waiter>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((admit, refuse) => {
        const waiter: Waiter = { admit, refuse };
        line.add(waiter);
        timer = setTimeout(() => {
          line.delete(waiter);
          refuse(busy(this.#waitMs));
        }, this.#waitMs);
      });
    } finally {
      clearTimeout(timer);
    }
  }

  #leave(): void {
    for (const line of [this.#urgent, this.#ordinary]) {
      for (const waiter of line) {
        line.delete(waiter);
        waiter.admit();
        return;
      }
    }
    this.#free += 1;
  }
}

function busy(waitMs: number): ForerunError {
  return new ForerunError(
    "FR-E1105",
    "unavailable",
    `the store had no free connection for ${waitMs} ms`,
    "Try again; if it lasts, the store is overloaded: give it more CPU, or use Postgres by DATABASE_URL.",
    { retryAfterMs: 1000 },
  );
}
