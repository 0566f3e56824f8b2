import { type RunningPostgres, startPostgres } from "@forerun/components/postgres";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { silentLogger } from "@forerun/runtime/logger";
import { skipWithout } from "@forerun/testing/skip-without";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openDatabase } from "./open.ts";

const OPTIONS = {
  schema: "notes",
  role: "notes_rw",
  migrations: [{ id: "0001", sql: "create table notes (id int); grant select on notes to notes_rw" }],
  log: silentLogger,
};
const READ = { name: "read", text: "select id from notes.notes" };

skipWithout("postgres")("logins on Postgres", () => {
  let server: RunningPostgres;
  let appUrl: string;

  beforeAll(async () => {
    server = await startPostgres();
    appUrl = server.url.replace("postgres@", "app@");
    await asOwner(server.url, "create role app login noinherit");
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it("refuses to migrate under a login that may not, and leaves nothing behind", async () => {
    const message = { code: "FR-E1106", fix: expect.stringContaining("may create roles and schemas") };
    await expect(openDatabase({ url: appUrl }, OPTIONS)).rejects.toMatchObject(message);
    const schemas = await asOwner(server.url, "select 1 from pg_namespace where nspname = 'notes'");
    expect(schemas.rowCount).toBe(0);
  });

  it("serves under a login without rights of its own once the schema is there", async () => {
    await using _owner = await openDatabase({ url: server.url }, OPTIONS);
    await asOwner(server.url, "grant notes_rw to app");
    await using db = await openDatabase({ url: appUrl }, OPTIONS);
    expect(await db.query(LOCAL_CALLER, READ)).toEqual([]);
    await expect(db.systemQuery("postgres", READ)).rejects.toMatchObject({ code: "42501" });
  });

  it("refuses a store that a newer version has written", async () => {
    await using _owner = await openDatabase({ url: server.url }, OPTIONS);
    const older = openDatabase({ url: server.url }, { ...OPTIONS, migrations: [] });
    await expect(older).rejects.toMatchObject({ code: "FR-E1107" });
  });

  it("bounds a statement's time", async () => {
    await using db = await openDatabase({ url: server.url }, OPTIONS);
    const slow = { name: "slow", text: "select pg_sleep(10)" };
    const started = performance.now();
    await expect(db.query(LOCAL_CALLER, slow, [], { timeoutMs: 50 })).rejects.toMatchObject({
      code: "FR-E1109",
      status: "unavailable",
    });
    expect(performance.now() - started).toBeLessThan(5000);
    expect(await db.query(LOCAL_CALLER, READ)).toEqual([]);
  });

  it("says where it looked when nothing answers", async () => {
    const url = "postgres://postgres@127.0.0.1:1/postgres";
    await expect(openDatabase({ url }, OPTIONS)).rejects.toMatchObject({
      code: "FR-E1104",
      status: "unavailable",
    });
  });
});

async function asOwner(url: string, text: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}
