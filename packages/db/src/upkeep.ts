import type { Logger } from "@forerun/runtime/logger";
import type { Sessions } from "./sessions.ts";

const LOOK_EVERY_MS = 30_000;
const CHECKPOINT_EVERY_MS = 5 * 60_000;
const CHECKPOINT_BYTES = 64 * 1024 * 1024;
const VACUUM_AFTER_BYTES = 16 * 1024 * 1024;

/**
 * PGlite has neither checkpointer nor autovacuum. This looks every 30 s, checkpoints after five minutes or 64 MB of log, and
 * vacuums in a quiet moment once 16 MB have been written since the last time. It goes behind all other work.
 */
export class Upkeep implements AsyncDisposable {
  readonly #sessions: Sessions;
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> = Promise.resolve();
  #checkpoint = { position: 0, time: Date.now() };
  #vacuumPosition = 0;

  constructor(sessions: Sessions, log: Logger) {
    this.#sessions = sessions;
    this.#log = log;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  /** A last checkpoint, so that the next start has nothing to replay. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
    await this.#exec("checkpoint");
  }

  #look(): void {
    this.#running = this.#running
      .then(() => this.#work())
      .catch((error: unknown) => this.#log.warn({ error: String(error) }, "upkeep of the store failed"));
  }

  async #work(): Promise<void> {
    const position = await this.#position();
    const written = position - this.#checkpoint.position;
    const aged = Date.now() - this.#checkpoint.time >= CHECKPOINT_EVERY_MS;
    if (written > CHECKPOINT_BYTES || (aged && written > 0)) {
      await this.#exec("checkpoint");
      this.#checkpoint = { position, time: Date.now() };
    }
    if (position - this.#vacuumPosition > VACUUM_AFTER_BYTES && this.#sessions.idle) {
      await this.#exec("vacuum (analyze)");
      this.#vacuumPosition = position;
    }
  }

  /** Bytes of write-ahead log since the cluster was made. */
  async #position(): Promise<number> {
    const rows = await this.#sessions.use(false, async (client) => {
      const result = await client.query<{ bytes: string }>(
        "select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') as bytes",
      );
      return result.rows;
    });
    return Number(rows[0]?.bytes ?? 0);
  }

  async #exec(sql: string): Promise<void> {
    await this.#sessions.use(false, (client) => client.query(sql));
  }
}
