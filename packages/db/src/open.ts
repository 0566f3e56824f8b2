import type { Caller } from "@forerun/runtime/caller";
import { DisposalStack } from "@forerun/runtime/disposal";
import type { Logger } from "@forerun/runtime/logger";
import type { Database, TxOptions } from "./database.ts";
import { type EmbeddedPlace, type EmbeddedStore, openEmbedded } from "./embedded.ts";
import { type Migration, migrate, requireMigrated, type SchemaPlan } from "./migrate.ts";
import { connectPostgres, type PostgresPlace, postgresConnection } from "./postgres.ts";
import { Sessions } from "./sessions.ts";
import { type Scope, transact, transactOne } from "./transaction.ts";

/** Postgres by URL; or PGlite: in a folder of its own, or one that this process has open for several schemas. */
export type StoreLocation = PostgresPlace | EmbeddedPlace | EmbeddedStore;

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

/** Opens a service's store and brings its schema up to date. Throws FR-E1101…1108. */
export async function openDatabase(location: StoreLocation, options: OpenOptions): Promise<Database> {
  const stack = new DisposalStack();
  try {
    const sessions =
      "url" in location
        ? await openPostgres(location, options, stack)
        : await openPglite(location, options, stack);
    return database(sessions, options.role, stack);
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}

async function openPostgres(
  place: PostgresPlace,
  options: OpenOptions,
  stack: DisposalStack,
): Promise<Sessions> {
  const client = await connectPostgres(place.url, options.log);
  try {
    const bring = place.migrate === false ? requireMigrated : migrate;
    await bring(client, [planOf(options)]);
  } finally {
    await client.end();
  }
  return stack.use(new Sessions(postgresConnection(place, options), options.log));
}

/** There is one session, so the schema is brought up to date in it. */
async function openPglite(
  location: EmbeddedPlace | EmbeddedStore,
  options: OpenOptions,
  stack: DisposalStack,
): Promise<Sessions> {
  const { sessions } = "sessions" in location ? location : stack.use(await openEmbedded(location, options));
  await sessions.use(true, (client) => migrate(client, [planOf(options)]));
  return sessions;
}

/** The part of a service's options that says what its schema has to be. */
export function planOf({ schema, role, systemRoles = [], migrations, log }: OpenOptions): SchemaPlan {
  return { schema, roles: [role, ...systemRoles], migrations, log };
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
