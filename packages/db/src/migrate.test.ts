import { type RunningPostgres, startPostgres } from "@forerun/components/postgres";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { silentLogger } from "@forerun/runtime/logger";
import { skipWithout } from "@forerun/testing/skip-without";
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { migrateSchemas } from "./migrate-schemas.ts";
import { type OpenOptions, openDatabase } from "./open.ts";

const NOTES: Omit<OpenOptions, "log"> = {
  schema: "notes",
  role: "notes_rw",
  migrations: [{ id: "0001", sql: "create table notes (id int); grant select, insert on notes to notes_rw" }],
};
/** Slow enough for two to meet. */
const MARKS: Omit<OpenOptions, "log"> = {
  schema: "marks",
  role: "marks_rw",
  migrations: [
    { id: "0001", sql: "create table marks (id int)" },
    { id: "0002", sql: "select pg_sleep(0.3); alter table marks add column at timestamptz" },
  ],
};
const SCHEMAS = [NOTES, MARKS];
const ALL = ["notes 0001", "marks 0001", "marks 0002"];

skipWithout("postgres")("migrations of several schemas", () => {
  let server: RunningPostgres;

  beforeAll(async () => {
    server = await startPostgres();
  });
  afterEach(() => asOwner("drop schema if exists notes cascade; drop schema if exists marks cascade"));
  afterAll(() => server[Symbol.asyncDispose]());

  const migrate = async (schemas = SCHEMAS) => {
    const applied = await migrateSchemas(server.url, schemas, silentLogger);
    return applied.map(({ schema, id }) => `${schema} ${id}`);
  };
  const asOwner = async (text: string) => {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };

  it("are applied once by those who run them at once, and by services that start meanwhile", async () => {
    const starting = () => openDatabase({ url: server.url }, { ...MARKS, log: silentLogger });
    const [first, second, third, service] = await Promise.all([migrate(), migrate(), migrate(), starting()]);
    await service[Symbol.asyncDispose]();
    const applied = [...first, ...second, ...third];
    expect(new Set(applied).size).toBe(applied.length);
    expect(ALL).toEqual(expect.arrayContaining(applied));
    expect(await migrate()).toEqual([]);
    expect(await asOwner("select id from marks.migrations order by id")).toEqual([
      { id: "0001" },
      { id: "0002" },
    ]);
  });

  it("are applied all or not at all", async () => {
    const broken = { ...MARKS, migrations: [...MARKS.migrations, { id: "0003", sql: "create nonsense" }] };
    await expect(migrate([NOTES, broken])).rejects.toMatchObject({ code: "42601" });
    expect(await asOwner("select 1 from pg_namespace where nspname in ('notes', 'marks')")).toEqual([]);
    expect(await migrate()).toEqual(ALL);
  });

  it("keep a service from starting that may not apply them itself", async () => {
    const place = { url: server.url, migrate: false };
    const options = { ...NOTES, log: silentLogger };
    await expect(openDatabase(place, options)).rejects.toMatchObject({
      code: "FR-E1108",
      fix: expect.stringContaining("forerun migrate"),
    });
    await migrate();
    await using db = await openDatabase(place, options);
    expect(await db.query(LOCAL_CALLER, { name: "read", text: "select id from notes.notes" })).toEqual([]);
  });

  it("bounds a process's connections and its statements as it is told", async () => {
    await migrate();
    const place = { url: server.url, connections: 2, statementMs: 200 };
    await using db = await openDatabase(place, { ...NOTES, log: silentLogger });
    const pid = { name: "pid", text: "select pg_backend_pid() as pid, pg_sleep(0.05)" };
    const pids = await Promise.all(
      Array.from({ length: 8 }, () => db.query<{ pid: number }>(LOCAL_CALLER, pid)),
    );
    expect(new Set(pids.map(([row]) => row?.pid)).size).toBe(2);
    const slow = { name: "slow", text: "select pg_sleep(30)" };
    await expect(db.query(LOCAL_CALLER, slow)).rejects.toMatchObject({
      code: "FR-E1109",
      status: "unavailable",
    });
  });
});
