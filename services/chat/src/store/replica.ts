import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "@forerun/db/database";
import type { Logger } from "@forerun/runtime/logger";
import { LOG_ROLE } from "./migrations.ts";
import { BEAT, FORGET_REPLICAS, LEAVE, LIVE_OTHERS, type OthersRow } from "./replica-statements.ts";

export type ReplicaDeps = {
  db: Database;
  /** Boot id of this process, a UUID. */
  id: string;
  /** Milliseconds without a beat after which the others take this process for dead. */
  leaseMs: number;
  log: Logger;
  /** The lease had run out before the last beat: what this process drove may be others' by now. */
  onLapse(): Promise<void>;
  /** Looks for what dead replicas have left, as far as the store lets this one; called with every beat. */
  sweep(): Promise<void>;
};

/** Beats in the time of a lease: two may be missed. */
const BEATS = 3;

/** This process among others that serve the same store: says that it lives, and sees to what the dead have left. */
export class Replica implements AsyncDisposable {
  readonly #deps: ReplicaDeps;
  readonly #leaving = new AbortController();
  /** When the last beat that the store has taken was sent, by the process's clock, which goes on while the process is stopped. */
  #lastBeat = Number.NEGATIVE_INFINITY;
  #work: Promise<unknown> = Promise.resolve();

  private constructor(deps: ReplicaDeps) {
    this.#deps = deps;
  }

  /** Makes the process known; from then on the others leave its turns alone. */
  static async join(deps: ReplicaDeps): Promise<Replica> {
    const replica = new Replica(deps);
    await replica.#beat();
    await deps.db.systemQuery(LOG_ROLE, FORGET_REPLICAS);
    replica.#work = replica.#again(() => replica.#live());
    return replica;
  }

  /** Others that live. */
  async others(): Promise<number> {
    const [row] = await this.#deps.db.systemQuery<OthersRow>(LOG_ROLE, LIVE_OTHERS, [this.#deps.id]);
    return row?.others ?? 0;
  }

  /** From now on it sweeps. */
  watch(): void {
    const sweeping = this.#again(() => this.#deps.sweep());
    this.#work = Promise.all([this.#work, sweeping]);
  }

  /** What it leaves may be taken at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#leaving.abort();
    await this.#work;
    const { db, id, log } = this.#deps;
    await db
      .systemQuery(LOG_ROLE, LEAVE, [id])
      .catch((error: unknown) =>
        log.debug({ err: error }, "the others learn by the lease that this replica has left"),
      );
  }

  async #live(): Promise<void> {
    const before = this.#lastBeat;
    await this.#beat();
    if (performance.now() - before > this.#deps.leaseMs) await this.#deps.onLapse();
  }

  async #beat(): Promise<void> {
    const { db, id, leaseMs } = this.#deps;
    const sentAt = performance.now();
    await db.systemQuery(LOG_ROLE, BEAT, [id, leaseMs], { priority: true });
    this.#lastBeat = sentAt;
  }

  /** Once a beat, until it leaves; a try that fails is made again with the next. */
  async #again(work: () => Promise<void>): Promise<void> {
    const { leaseMs, log } = this.#deps;
    const { signal } = this.#leaving;
    for (;;) {
      // Replicas that were started together need not come together for ever.
      const pause = (leaseMs / BEATS) * (0.9 + Math.random() / 5);
      await sleep(pause, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      await work().catch((error: unknown) =>
        log.warn({ err: error }, "the store does not hear this replica"),
      );
    }
  }
}
