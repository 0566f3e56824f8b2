import { existsSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Caller } from "@forerun/runtime/caller";
import { DisposalStack } from "@forerun/runtime/disposal";
import { ForerunError } from "@forerun/runtime/forerun-error";
import type { Logger } from "@forerun/runtime/logger";
import pg from "pg";
import type { Database, TxOptions } from "./database.ts";
import { type Migration, migrate } from "./migrate.ts";
import { acquireOwnerLock } from "./pglite/owner-lock.ts";
import { startPglite } from "./pglite/server.ts";
import { type Connection, Sessions, unreachable } from "./sessions.ts";
import { type Scope, transact, transactOne } from "./transaction.ts";
import { Upkeep } from "./upkeep.ts";

/** Postgres by URL, or PGlite in a folder of the data folder. */
export type StoreLocation = { url: string } | { dataDir: string; folder: "chat" | "memory" };

export type OpenOptions = {
  schema: string;
  /** Role of the service's tenant transactions. */
  role: string;
  /** Further roles, for `system`. */
  systemRoles?: readonly string[];
  migrations: readonly Migration[];
  /** Postgres settings of every connection, for example plan_cache_mode. */
  settings?: Readonly<Record<string, string>>;
  log: Logger;
  /** Milliseconds after which a statement that Postgres never answers counts as lost, and its connection is dropped. */
  replyMs?: number;
  /** Called when the PGlite thread dies; by default the process ends with the error, since nothing can be stored any more. */
  onFatal?: (error: Error) => void;
};

const POSTGRES_WIDTH = 10;
/** Beyond the server's own bound on a statement, which a server that hangs does not keep. */
const REPLY_MS = 20_000;
const POSTGRES_SETTINGS = {
  jit: "off",
  statement_timeout: "15000",
  idle_in_transaction_session_timeout: "15000",
};

/** Opens a service's store and brings its schema up to date. Throws FR-E1101…1107. */
export async function openDatabase(location: StoreLocation, options: OpenOptions): Promise<Database> {
  const stack = new DisposalStack();
  try {
    const connection =
      "url" in location ? postgres(location.url, options) : await pglite(location, options, stack);
    await migrateOn(connection, options);
    const sessions = stack.use(new Sessions(connection, options.log));
    if (!("url" in location)) stack.use(new Upkeep(sessions, options.log));
    return database(sessions, options.role, stack);
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}

function database(sessions: Sessions, role: string, stack: DisposalStack): Database {
  const scope = (as: string, tenant: string | undefined, options?: TxOptions): Scope => ({
    role: as,
    tenant,
    timeoutMs: options?.timeoutMs,
  });
  const of = (caller: Caller, options?: TxOptions) => scope(role, caller.tenant, options);
  return {
    tx: (caller, fn, options) =>
      sessions.use(options?.priority ?? false, (client) => transact(client, of(caller, options), fn)),
    query: (caller, statement, values, options) =>
      sessions.use(options?.priority ?? false, (client) =>
        transactOne(client, of(caller, options), statement, values),
      ),
    system: (as, fn, options) =>
      sessions.use(options?.priority ?? false, (client) =>
        transact(client, scope(as, undefined, options), fn),
      ),
    systemQuery: (as, statement, values, options) =>
      sessions.use(options?.priority ?? false, (client) =>
        transactOne(client, scope(as, undefined, options), statement, values),
      ),
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

async function migrateOn({ config }: Connection, options: OpenOptions): Promise<void> {
  const client = new pg.Client({
    ...config,
    connectionTimeoutMillis: 5000,
    statement_timeout: 0,
    query_timeout: 0,
  });
  client.on("error", (error) => options.log.warn({ error: error.message }, "a store connection broke"));
  try {
    await client.connect();
  } catch (error) {
    throw unreachable(error, (error as Error).message);
  }
  try {
    await migrate(client, { ...options, roles: [options.role, ...(options.systemRoles ?? [])] });
  } finally {
    await client.end();
  }
}

function postgres(url: string, { settings, replyMs = REPLY_MS }: OpenOptions): Connection {
  const all = { ...POSTGRES_SETTINGS, ...settings };
  const text = Object.entries(all).map(([key, value]) => `-c ${key}=${value}`);
  const config = { connectionString: url, options: text.join(" "), query_timeout: replyMs };
  return { config, width: POSTGRES_WIDTH };
}

async function pglite(
  { dataDir, folder }: { dataDir: string; folder: string },
  { settings, onFatal }: OpenOptions,
  stack: DisposalStack,
): Promise<Connection> {
  const dir = join(dataDir, folder);
  stack.use(lock(dataDir, `${dir}.lock`));
  const server = await startPglite(dir, settings ?? {}, onFatal ?? endProcess).catch((error: unknown) => {
    throw notStarted(dir, error);
  });
  stack.use(server);
  return {
    config: { host: server.host, port: server.port, user: "postgres", database: "postgres" },
    width: 1,
  };
}

function lock(dataDir: string, path: string): Disposable {
  try {
    makeFolder(resolve(dataDir));
    return acquireOwnerLock(path);
  } catch (error) {
    throw error instanceof ForerunError ? error : notWritable(dataDir, error);
  }
}

/** Node's own recursive mkdir never returns where the system refuses a folder with ENOENT, as in /proc. */
function makeFolder(dir: string): void {
  if (existsSync(dir)) return;
  const parent = dirname(dir);
  if (parent !== dir) makeFolder(parent);
  mkdirSync(dir, { mode: 0o700 });
}

function endProcess(error: Error): void {
  // Outside of any promise, so that it ends the process as an uncaught exception does.
  setImmediate(() => {
    throw error;
  });
}

function notWritable(dataDir: string, cause: unknown): ForerunError {
  return new ForerunError(
    "FR-E1101",
    "failed_precondition",
    `the data folder ${dataDir} cannot be written: ${(cause as Error).message}`,
    "Give DATA_DIR a folder that this user may write, on a local disk with free space.",
    { cause },
  );
}

function notStarted(dir: string, cause: unknown): ForerunError {
  return new ForerunError(
    "FR-E1103",
    "unavailable",
    `the store in ${dir} did not start: ${(cause as Error).message}`,
    `Start again; if it fails again, restore ${dir} from a copy, or move it aside to begin with an empty store.`,
    { cause },
  );
}
