import type { Caller } from "@forerun/runtime/caller";

/** Plain SQL with a name: named statements are parsed once per connection, which saves most of the CPU of a short one. */
export type Statement = Readonly<{ name: string; text: string }>;

/**
 * Runs a statement and gives its rows as the caller of this function types them (one thin row type beside each statement).
 * int8 and numeric come back as strings; JSON parameters have to be stringified.
 */
export type Query = <R>(statement: Statement, values?: readonly unknown[]) => Promise<R[]>;

export type TxOptions = {
  /** Goes before everything that has no priority: for begin, append and finish of a turn. */
  priority?: boolean;
  /** Bound on each statement, in milliseconds; Postgres only, PGlite cannot interrupt a statement. */
  timeoutMs?: number;
};

/**
 * A service's door to its schema. Every transaction runs under a role without ownership, so that row-level security holds;
 * with a Caller its rows are those of the caller's tenant.
 *
 * Throws what Postgres reported for a failed statement (an Error with SQLSTATE in `code`), ForerunError FR-E1104 when the
 * store cannot be reached or the connection broke (a write may then have happened: read again before trying again), FR-E1105
 * when it is too busy, FR-E1109 when it cannot do it now (nothing has happened), FR-E1301 for a text with a NUL.
 */
export type Database = {
  /** `fn` awaits nothing but its queries: on PGlite there is one connection, so another wait inside could last for ever. */
  tx<T>(caller: Caller, fn: (query: Query) => Promise<T>, options?: TxOptions): Promise<T>;
  /** One statement as a transaction of its own, in one round trip. */
  query<R>(
    caller: Caller,
    statement: Statement,
    values?: readonly unknown[],
    options?: TxOptions,
  ): Promise<R[]>;
  /** A transaction of the service itself, over all tenants, under a role whose grants allow just that. */
  system<T>(role: string, fn: (query: Query) => Promise<T>, options?: TxOptions): Promise<T>;
  /** One statement of the service itself, in one round trip. */
  systemQuery<R>(
    role: string,
    statement: Statement,
    values?: readonly unknown[],
    options?: TxOptions,
  ): Promise<R[]>;
} & AsyncDisposable;
