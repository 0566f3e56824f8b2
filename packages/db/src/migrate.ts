import { ForerunError } from "@forerun/runtime/forerun-error";
import type { Logger } from "@forerun/runtime/logger";
import pg from "pg";
import { sqlState } from "./sql-errors.ts";
import type { Session } from "./transaction.ts";

/** One step of a schema, never changed once it is released. `sql` may hold several statements; names in it are the schema's own. */
export type Migration = Readonly<{ id: string; sql: string }>;

export type SchemaPlan = {
  schema: string;
  /** Roles that use the schema; made when they are missing. The first one may read which migrations are applied. */
  roles: readonly [string, ...string[]];
  migrations: readonly Migration[];
  log: Logger;
};

/** A migration that was applied now. */
export type Applied = Readonly<{ schema: string; id: string }>;

const INSUFFICIENT_PRIVILEGE = "42501";

/**
 * Brings schemas up to date in one transaction under a lock, so that several processes may start at once. A login that may
 * not create anything is enough when nothing is left to apply.
 * Throws FR-E1106 when it has to and may not, FR-E1107 when the store holds migrations this version does not know.
 */
export async function migrate(client: Session, plans: readonly SchemaPlan[]): Promise<Applied[]> {
  const behind = await plansBehind(client, plans);
  if (behind.length === 0) return [];
  try {
    await client.query("begin");
    // A login may carry a bound on its statements; another process may hold the lock for as long as its migrations take.
    await client.query("set local statement_timeout = 0");
    await client.query("select pg_advisory_xact_lock(hashtext('forerun.migrations'))");
    const applied: Applied[] = [];
    for (const plan of behind) applied.push(...(await bringUp(client, plan)));
    await client.query("commit");
    return applied;
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}

/** Throws FR-E1108 when migrations are left to apply, FR-E1107 when the store holds some that this version does not know. */
export async function requireMigrated(client: Session, plans: readonly SchemaPlan[]): Promise<void> {
  const [behind] = await plansBehind(client, plans);
  if (behind) throw tooOld(behind.schema);
}

async function plansBehind(client: Session, plans: readonly SchemaPlan[]): Promise<SchemaPlan[]> {
  const behind: SchemaPlan[] = [];
  for (const plan of plans) {
    if (pending(plan, await readAsUser(client, plan)).length > 0) behind.push(plan);
  }
  return behind;
}

async function bringUp(client: Session, plan: SchemaPlan): Promise<Applied[]> {
  try {
    await prepare(client, plan);
    return await apply(client, plan);
  } catch (error) {
    throw sqlState(error) === INSUFFICIENT_PRIVILEGE ? forbidden(plan, error) : error;
  }
}

async function readAsUser(client: Session, { schema, roles }: SchemaPlan): Promise<string[]> {
  try {
    await client.query(`begin; set local role ${pg.escapeIdentifier(roles[0])}`);
    return await readApplied(client, schema);
  } catch (error) {
    // No such role, schema or table yet; anything but an SQL error is not ours to judge.
    if (sqlState(error) === undefined) throw error;
    return [];
  } finally {
    await client.query("rollback");
  }
}

async function readApplied(client: Session, schema: string): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `select id from ${pg.escapeIdentifier(schema)}.migrations`,
  );
  return rows.map((row) => row.id);
}

function pending({ schema, migrations }: SchemaPlan, applied: readonly string[]): Migration[] {
  const known = new Set(migrations.map((migration) => migration.id));
  const foreign = applied.find((id) => !known.has(id));
  if (foreign !== undefined) throw tooNew(schema, foreign);
  return migrations.filter((migration) => !applied.includes(migration.id));
}

async function prepare(client: Session, { schema, roles }: SchemaPlan): Promise<void> {
  const name = pg.escapeIdentifier(schema);
  for (const role of roles) await ensureRole(client, role);
  const users = roles.map(pg.escapeIdentifier).join(", ");
  await client.query(`create schema if not exists ${name}`);
  await client.query(`grant usage on schema ${name} to ${users}`);
  await client.query(
    `create table if not exists ${name}.migrations (id text primary key, applied timestamptz not null default now())`,
  );
  await client.query(`grant select on ${name}.migrations to ${users}`);
}

/** Roles belong to the whole cluster: another schema, database or process may have made this one. */
async function ensureRole(client: Session, role: string): Promise<void> {
  const name = pg.escapeIdentifier(role);
  const found = await client.query("select 1 from pg_roles where rolname = $1", [role]);
  if (found.rowCount === 0) {
    await client.query(
      `do $$ begin create role ${name} nologin; exception when duplicate_object or unique_violation then null; end $$`,
    );
  }
  const member = await client.query("select 1 where pg_has_role(current_user, $1, 'member')", [role]);
  if (member.rowCount === 0) await client.query(`grant ${name} to current_user`);
}

async function apply(client: Session, plan: SchemaPlan): Promise<Applied[]> {
  const schema = pg.escapeIdentifier(plan.schema);
  const missing = pending(plan, await readApplied(client, plan.schema));
  await client.query(`set local search_path to ${schema}`);
  for (const { id, sql } of missing) {
    await client.query(sql);
    await client.query(`insert into ${schema}.migrations(id) values ($1)`, [id]);
    plan.log.debug({ schema: plan.schema, migration: id }, "migration applied");
  }
  return missing.map(({ id }) => ({ schema: plan.schema, id }));
}

function forbidden({ schema, roles }: SchemaPlan, cause: unknown): ForerunError {
  return new ForerunError(
    "FR-E1106",
    "failed_precondition",
    `schema ${schema} has to be created or changed and this login may not: ${(cause as Error).message}`,
    `Run forerun migrate once with a DATABASE_URL whose login may create roles and schemas; afterwards a login that is a member of ${roles.join(" and ")} is enough.`,
    { cause },
  );
}

function tooNew(schema: string, id: string): ForerunError {
  return new ForerunError(
    "FR-E1107",
    "failed_precondition",
    `schema ${schema} holds migration ${id}, which this version does not know`,
    "Start the version that wrote this store, or one newer than it.",
  );
}

function tooOld(schema: string): ForerunError {
  return new ForerunError(
    "FR-E1108",
    "failed_precondition",
    `schema ${schema} is older than this version, and DATABASE_MIGRATE=off keeps services from changing it`,
    "Run forerun migrate with a DATABASE_URL whose login may create roles and schemas, then start again.",
  );
}
