import { ForerunError } from "@forerun/runtime/forerun-error";
import type { Logger } from "@forerun/runtime/logger";
import pg from "pg";
import { BatchingSocket } from "./batching-socket.ts";
import { PriorityGate } from "./priority-gate.ts";
import { sqlState } from "./sql-errors.ts";

/** How to reach a store and how many connections it bears. */
export type Connection = {
  config: pg.ClientConfig;
  /** PGlite: 1, since all its connections share one session. */
  width: number;
};

const CONNECT_TIMEOUT_MS = 5000;
const WAIT_MS = 10_000;

/**
 * Lends connections, the urgent askers first. pg-pool's own `query` is not used: it drops the connection after every failed
 * statement. Here a connection is dropped only when it cannot roll back any more.
 */
export class Sessions implements AsyncDisposable {
  readonly #pool: pg.Pool;
  readonly #gate: PriorityGate;
  readonly #width: number;
  readonly #log: Logger;
  #away = false;

  constructor({ config, width }: Connection, log: Logger) {
    this.#width = width;
    this.#log = log;
    this.#gate = new PriorityGate(width, WAIT_MS);
    this.#pool = new pg.Pool({
      ...config,
      stream: () => new BatchingSocket(),
      pipeline: true,
      max: width,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      idleTimeoutMillis: 0,
      // A new connection to PGlite finds the session of the one before it, prepared statements included.
      verify: (client, done) => void client.query("discard all").then(() => done(), done),
    });
    const broke = (error: Error) => log.warn({ error: error.message }, "a store connection broke");
    this.#pool.on("error", broke);
    // A lent connection reports on itself, and unheard it would end the process; its user's query fails as well.
    this.#pool.on("connect", (client) => client.on("error", broke));
  }

  /** True when no one uses or awaits a connection. */
  get idle(): boolean {
    return this.#gate.idle(this.#width);
  }

  use<T>(priority: boolean, fn: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    return this.#gate.run(priority, async () => {
      const client = await this.#connect();
      try {
        const result = await fn(client);
        client.release();
        return result;
      } catch (error) {
        throw await this.#takeBack(client, error);
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end();
  }

  /** Ends the failed transaction and gives what to throw; a connection that cannot even roll back is dropped. */
  async #takeBack(client: pg.PoolClient, error: unknown): Promise<unknown> {
    try {
      await client.query("rollback");
    } catch (broken) {
      client.release(broken instanceof Error ? broken : true);
      return unreachable(error);
    }
    client.release();
    return asRefusal(error);
  }

  async #connect(): Promise<pg.PoolClient> {
    try {
      const client = await this.#pool.connect();
      this.#away = false;
      return client;
    } catch (error) {
      // Once an outage: what fails because of it need not say so again.
      if (!this.#away) this.#log.error({ err: error }, "the store cannot be reached");
      this.#away = true;
      throw unreachable(error);
    }
  }
}

/** SQLSTATE of a text with a NUL character, the one that Postgres cannot hold. */
const NUL_IN_TEXT = new Set(["22021", "22P05"]);

/**
 * Of states of the server, not of a statement: only reads, a tie to be broken, out of room, a lock or an answer that took too
 * long, shutting down, a failing disk.
 */
const NOT_NOW = /^(25006|40|53|55P03|57|58)/;

/** What the sender of the data can mend is told to them, and what may pass to everybody; everything else is a fault. */
function asRefusal(error: unknown): unknown {
  const state = sqlState(error) ?? "";
  if (NOT_NOW.test(state)) return notNow(error, state);
  if (!NUL_IN_TEXT.has(state)) return error;
  return new ForerunError(
    "FR-E1301",
    "invalid_argument",
    "a text holds the character U+0000, which cannot be stored",
    "Remove the NUL characters from the request's texts.",
    { cause: error },
  );
}

function notNow(cause: unknown, state: string): ForerunError {
  return new ForerunError(
    "FR-E1109",
    "unavailable",
    `the store cannot do this now (SQLSTATE ${state})`,
    "Try again; if it lasts, Postgres' log has the cause: 57014 a statement took too long, 53100 the disk is full, 25006 it only reads.",
    { cause, retryAfterMs: 1000 },
  );
}

/** `detail` is for who starts the process; clients of a running one are not told where its store is. */
export function unreachable(cause: unknown, detail?: string): ForerunError {
  const state = sqlState(cause);
  return new ForerunError(
    "FR-E1104",
    "unavailable",
    `the store cannot be reached${state ? ` (SQLSTATE ${state})` : ""}${detail ? `: ${detail}` : ""}`,
    "Check that Postgres runs and that DATABASE_URL names its host, port, database, user and password.",
    { cause, retryAfterMs: 1000 },
  );
}
