import type { Database } from "@forerun/db/database";
import type { Logger } from "@forerun/runtime/logger";
import { LOG_ROLE } from "./migrations.ts";
import { MAKE_PARTITIONS } from "./turn-statements.ts";

const DAYS_AHEAD = 3;
const EVERY_MS = 6 * 3_600_000;

/** Keeps the log's partitions made for today and the next days. Missing ones cost nothing: events fall into the default one. */
export class EventPartitions implements Disposable {
  readonly #db: Database;
  readonly #now: () => Date;
  readonly #timer: NodeJS.Timeout;

  constructor(db: Database, now: () => Date, log: Logger) {
    this.#db = db;
    this.#now = now;
    this.#timer = setInterval(() => {
      this.make().catch((error: unknown) => log.warn({ err: error }, "the log's partitions were not made"));
    }, EVERY_MS);
    this.#timer.unref();
  }

  async make(): Promise<void> {
    const today = this.#now().toISOString().slice(0, 10);
    await this.#db.systemQuery(LOG_ROLE, MAKE_PARTITIONS, [today, DAYS_AHEAD]);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
