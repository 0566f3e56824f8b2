import type { Logger } from "@forerun/runtime/logger";
import type { Invocations } from "./invocation.ts";

/** Beats in the time after which a silent run counts as dead. */
const BEATS_A_LEASE = 4;

/** The runs under way here: the record hears of them until they have ended. */
export class LiveRuns {
  readonly #record: Pick<Invocations, "beat" | "leaseMs">;
  readonly #log: Logger;
  readonly #runs = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(record: Pick<Invocations, "beat" | "leaseMs">, log: Logger) {
    this.#record = record;
    this.#log = log;
  }

  /** Keeps the run alive until what is returned is disposed of. */
  add(run: string): Disposable {
    this.#runs.add(run);
    this.#timer ??= setInterval(() => void this.#beat(), this.#record.leaseMs / BEATS_A_LEASE).unref();
    return {
      [Symbol.dispose]: () => {
        this.#runs.delete(run);
        if (this.#runs.size > 0) return;
        clearInterval(this.#timer);
        this.#timer = undefined;
      },
    };
  }

  /** One that is lost is made good by the next. */
  async #beat(): Promise<void> {
    await this.#record
      .beat([...this.#runs])
      .catch((fault: unknown) => this.#log.warn({ err: fault }, "running calls cannot say that they run"));
  }
}
