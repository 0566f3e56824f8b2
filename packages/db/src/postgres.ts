import type { Logger } from "@forerun/runtime/logger";
import pg from "pg";
import { type Connection, unreachable } from "./sessions.ts";

/** A Postgres, and what this process may ask of it. */
export type PostgresPlace = {
  url: string;
  /** Connections of this process at most. */
  connections?: number | undefined;
  /** Bound on each statement, in milliseconds. */
  statementMs?: number | undefined;
  /** False: the schema has to be up to date already. */
  migrate?: boolean | undefined;
};

const CONNECTIONS = 10;
const STATEMENT_MS = 15_000;
/** Beyond the server's own bound on a statement, which a server that hangs does not keep. */
const REPLY_AFTER_MS = 5_000;
const CONNECT_MS = 5_000;

export function postgresConnection(
  { url, connections = CONNECTIONS, statementMs = STATEMENT_MS }: PostgresPlace,
  {
    settings,
    replyMs = statementMs + REPLY_AFTER_MS,
  }: { settings?: Readonly<Record<string, string>>; replyMs?: number },
): Connection {
  const all = {
    jit: "off",
    statement_timeout: String(statementMs),
    idle_in_transaction_session_timeout: String(statementMs),
    ...settings,
  };
  const options = Object.entries(all).map(([key, value]) => `-c ${key}=${value}`);
  const config = { connectionString: url, options: options.join(" "), query_timeout: replyMs };
  return { config, width: connections };
}

/** One connection whose statements may take as long as they need. Throws FR-E1104. The caller ends it. */
export async function connectPostgres(url: string, log: Logger): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS });
  client.on("error", (error) => log.warn({ error: error.message }, "a store connection broke"));
  try {
    await client.connect();
    return client;
  } catch (error) {
    throw unreachable(error, (error as Error).message);
  }
}
