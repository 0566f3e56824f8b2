/** Rows of tenants in every schema, asked for by raw SQL under the services' own roles. */
import type { Database } from "@forerun/db/database";
import { openDatabase } from "@forerun/db/open";
import type { Caller } from "@forerun/runtime/caller";
import { silentLogger } from "@forerun/runtime/logger";
import { STORES, type TestStore } from "@forerun/testing/stores";
import { afterAll, beforeAll, expect, it } from "vitest";
import { SCHEMAS, type SeededSchema, statement } from "./support/seeded-schemas.ts";

const callerOf = (tenant: string): Caller => ({ tenant, subject: "u1", roles: ["user"] });
const ACME = callerOf("acme");
const GLOBEX = callerOf("globex");
/** Times that each table is asked, over both stores and all tables at least a thousand. */
const ROUNDS = 63;

for (const { name, suite, start } of STORES) {
  for (const schema of SCHEMAS)
    suite(`schema ${schema.options.schema} on ${name}`, () => keepsTenantsApart(schema, start));
}

function keepsTenantsApart({ options, tables, seed }: SeededSchema, start: () => Promise<TestStore>): void {
  const { schema, role, systemRoles = [] } = options;
  let store: TestStore;
  let db: Database;

  beforeAll(async () => {
    store = await start();
    db = await openDatabase(store.location, { ...options, log: silentLogger });
    await seed(db, ACME);
    await seed(db, GLOBEX);
  });
  afterAll(async () => {
    await db[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });

  it.each(tables)("shows no row of %s without its tenant, with another or after an error", async (table) => {
    const tenants = statement(`select distinct tenant_id from ${schema}.${table} order by tenant_id`);
    for (let round = 0; round < ROUNDS; round += 1) {
      const asking = round % 2 === 0 ? ACME : GLOBEX;
      await expect(db.query(asking, statement("select 1 / 0"))).rejects.toMatchObject({ code: "22012" });
      expect(await db.systemQuery(role, tenants)).toEqual([]);
      expect(await db.query(callerOf(`t${round}`), tenants)).toEqual([]);
      expect(await db.tx(asking, (query) => query(tenants))).toEqual([{ tenant_id: asking.tenant }]);
    }
  });

  it.each(tables)("lets no tenant remove, take or forge rows of %s", async (table) => {
    const all = `select count(*)::int as n from ${schema}.${table}`;
    const before = await db.query(GLOBEX, statement(all));
    const changes = [
      `delete from ${schema}.${table} where tenant_id = 'globex'`,
      `update ${schema}.${table} set tenant_id = 'acme' where tenant_id = 'globex'`,
      `update ${schema}.${table} set tenant_id = 'globex'`,
    ];
    // A policy makes nothing of it, or a missing grant refuses it.
    for (const change of changes) await db.query(ACME, statement(change)).catch(refused);
    expect(await db.query(GLOBEX, statement(all))).toEqual(before);
  });

  it("has a policy for every table with a tenant, and grants on nothing else that holds their rows", async () => {
    const catalog = `
      select c.relname as name, c.relkind as kind, c.relispartition as part, c.relrowsecurity as secured,
        exists (select from pg_policy p where p.polrelid = c.oid) as policies,
        exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id') as tenants,
        exists (select from unnest($1::text[]) r, unnest(array['select', 'insert', 'update', 'delete']) p
          where case when c.relkind = 'S' then has_sequence_privilege(r, c.oid, 'usage')
            else has_table_privilege(r, c.oid, p) or has_any_column_privilege(r, c.oid, replace(p, 'delete', 'select')) end
        ) as granted
      from pg_class c where c.relnamespace = $2::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')`;
    type Row = {
      name: string;
      kind: string;
      part: boolean;
      secured: boolean;
      policies: boolean;
      tenants: boolean;
      granted: boolean;
    };
    const rows = await db.systemQuery<Row>(role, statement(catalog), [[role, ...systemRoles], schema]);
    const own = rows.filter(({ tenants, part }) => tenants && !part);
    expect(own.map(({ name }) => name).sort()).toEqual([...tables].sort());
    expect(own.filter(({ secured, policies }) => !secured || !policies)).toEqual([]);
    // A partition has no policy of its own, so that nobody may ask it but through its parent.
    expect(rows.filter(({ part, granted }) => part && granted)).toEqual([]);
    // A view would be read with its owner's rights, past all policies; a sequence counts for all tenants.
    expect(rows.filter(({ kind }) => !["r", "p"].includes(kind))).toEqual([]);
  });

  it("runs as its owner only what makes and drops the log's days", async () => {
    const functions = statement(
      "select proname as name from pg_proc where prosecdef and pronamespace = $1::regnamespace order by 1",
    );
    const names = (await db.systemQuery<{ name: string }>(role, functions, [schema])).map(({ name }) => name);
    expect(names).toEqual(schema === "chat" ? ["drop_event_partitions", "make_event_partitions"] : []);
    const tried = names.map((name) =>
      db.query(
        ACME,
        statement(`select ${schema}.${name}(date '2000-01-01'${name.startsWith("make") ? ", 1" : ""})`),
      ),
    );
    for (const outcome of await Promise.allSettled(tried))
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "42501" } });
  });

  it("gives its roles no rights of others, of a superuser, or past policies", async () => {
    const rights = statement(`
      select r.rolname from pg_roles r where r.rolname = any($1::text[])
        and (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcanlogin
          or exists (select from pg_auth_members m where m.member = r.oid))`);
    expect(await db.systemQuery(role, rights, [[role, ...systemRoles]])).toEqual([]);
  });
}

/** Of a grant, a policy or a key that is taken; anything else is no answer to a thief. */
function refused(error: unknown): void {
  expect((error as { code?: string }).code).toMatch(/^(42501|23\d{3})$/);
}
