import type { Database } from "@forerun/db/database";
import type { Logger } from "@forerun/runtime/logger";
import { LOG_ROLE } from "./migrations.ts";
import { DROP_PARTITIONS, type DroppedRow, MAKE_PARTITIONS } from "./turn-statements.ts";

export type PartitionDeps = {
  db: Database;
  now(): Date;
  log: Logger;
  /** Days that events are kept; undefined keeps them. */
  days: number | undefined;
};

const DAYS_AHEAD = 3;
const EVERY_MS = 6 * 3_600_000;
const DAY_MS = 24 * 3_600_000;

/**
 * Keeps the log's partitions made for today and the next days, and drops those that are too old. Missing ones cost nothing: events
 * fall into the default one. What a day's open turns have written is kept.
 */
export class EventPartitions implements Disposable {
  readonly #deps: PartitionDeps;
  readonly #timer: NodeJS.Timeout;

  constructor(deps: PartitionDeps) {
    this.#deps = deps;
    this.#timer = setInterval(() => {
      this.tend().catch((error: unknown) =>
        deps.log.warn({ err: error }, "the log's partitions were not made"),
      );
    }, EVERY_MS);
    this.#timer.unref();
  }

  /** Old days are no reason to fail: another process may be busy with them, and the next time will do. */
  async tend(): Promise<void> {
    const { log } = this.#deps;
    await this.#make();
    await this.#drop().catch((error: unknown) => log.warn({ err: error }, "old events were not dropped"));
  }

  async #make(): Promise<void> {
    const today = dayOf(this.#deps.now());
    await this.#deps.db.systemQuery(LOG_ROLE, MAKE_PARTITIONS, [today, DAYS_AHEAD]);
  }

  async #drop(): Promise<void> {
    const { db, now, days, log } = this.#deps;
    if (days === undefined) return;
    const first = dayOf(new Date(now().getTime() - days * DAY_MS));
    const [row] = await db.systemQuery<DroppedRow>(LOG_ROLE, DROP_PARTITIONS, [first]);
    if (row && row.dropped > 0) log.info({ days: row.dropped, before: first }, "old events were dropped");
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}
