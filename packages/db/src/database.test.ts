import { type Caller, LOCAL_CALLER } from "@forerun/runtime/caller";
import { silentLogger } from "@forerun/runtime/logger";
import { STORES, type TestStore } from "@forerun/testing/stores";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Database, Statement } from "./database.ts";
import type { Migration } from "./migrate.ts";
import { openDatabase } from "./open.ts";

const ACME: Caller = { ...LOCAL_CALLER, tenant: "acme" };
const OTHER: Caller = { ...LOCAL_CALLER, tenant: "other" };

const NOTES: readonly Migration[] = [
  {
    id: "0001-notes",
    sql: `
create table notes (id int primary key, tenant_id text not null, body text not null);
alter table notes enable row level security;
create policy tenant on notes to notes_rw using (tenant_id = (select nullif(current_setting('app.tenant', true), '')));
grant select, insert, update, delete on notes to notes_rw;`,
  },
];
const OPTIONS = {
  schema: "notes",
  role: "notes_rw",
  systemRoles: ["notes_log"],
  migrations: NOTES,
  log: silentLogger,
};

const statement = (name: string, text: string): Statement => ({ name, text });
const WRITE = statement(
  "write",
  "insert into notes.notes values ($1::int, current_setting('app.tenant'), $2::text)",
);
const FORGE = statement("forge", "insert into notes.notes values ($1::int, $2::text, 'forged')");
const READ = statement("read", "select id from notes.notes order by id");
const FAIL = statement("fail", "select 1 / 0");

for (const { name, suite, start } of STORES) {
  suite(`a database on ${name}`, () => {
    let store: TestStore;
    let db: Database;

    beforeAll(async () => {
      store = await start();
      db = await openDatabase(store.location, OPTIONS);
      await db.query(ACME, WRITE, [1, "one"]);
      await db.query(OTHER, WRITE, [2, "two"]);
    });
    afterAll(async () => {
      await db[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    });

    it("shows a tenant its own rows", async () => {
      expect(await db.query(ACME, READ)).toEqual([{ id: 1 }]);
      expect(await db.tx(OTHER, (query) => query(READ))).toEqual([{ id: 2 }]);
    });

    it("shows nothing without a tenant, nor to one that has no rows", async () => {
      expect(await db.systemQuery("notes_rw", READ)).toEqual([]);
      expect(await db.query({ ...ACME, tenant: "" }, READ)).toEqual([]);
      expect(await db.query({ ...ACME, tenant: "x' or '1'='1" }, READ)).toEqual([]);
    });

    it("lets no tenant write a row of another", async () => {
      await expect(db.query(ACME, FORGE, [9, "other"])).rejects.toMatchObject({ code: "42501" });
      await expect(db.systemQuery("notes_rw", FORGE, [9, ""])).rejects.toMatchObject({ code: "42501" });
    });

    it("shows the next asker its own rows after an error, on every connection", async () => {
      for (let round = 0; round < 30; round += 1) {
        const caller = round % 2 === 0 ? ACME : OTHER;
        await expect(db.query(caller, FAIL)).rejects.toMatchObject({ code: "22012" });
        await expect(
          db.tx(caller, async (query) => {
            await query(READ);
            throw new TypeError("a fault of the domain");
          }),
        ).rejects.toThrow("a fault of the domain");
        expect(await db.systemQuery("notes_rw", READ)).toEqual([]);
        expect(await db.query(OTHER, READ)).toEqual([{ id: 2 }]);
      }
    });

    it("keeps askers apart who come at the same time", async () => {
      const rows = await Promise.all(
        Array.from({ length: 60 }, (_, index) => db.query(index % 2 === 0 ? ACME : OTHER, READ)),
      );
      expect(rows).toEqual(rows.map((_, index) => [{ id: (index % 2) + 1 }]));
    });

    it("takes back everything of a transaction that fails", async () => {
      const failing = db.tx(ACME, async (query) => {
        await query(WRITE, [3, "three"]);
        await query(FAIL);
      });
      await expect(failing).rejects.toMatchObject({ code: "22012" });
      await expect(db.query(ACME, WRITE, [1, "again"])).rejects.toMatchObject({ code: "23505" });
      expect(await db.query(ACME, READ)).toEqual([{ id: 1 }]);
    });

    it("does not report a commit when a failed statement's error was swallowed", async () => {
      const swallowing = db.tx(ACME, async (query) => {
        await query(WRITE, [3, "three"]);
        await query(FAIL).catch(() => undefined);
        return "committed";
      });
      await expect(swallowing).rejects.toThrow("swallowed");
      expect(await db.query(ACME, READ)).toEqual([{ id: 1 }]);
    });

    it("refuses a statement after the end of its transaction", async () => {
      const kept = await db.tx(ACME, async (query) => ({ query }));
      expect(() => kept.query(READ)).toThrow("after the end");
    });

    it("runs nothing when the role does not exist, and says so", async () => {
      await expect(db.systemQuery("nobody", FORGE, [9, "acme"])).rejects.toThrow('role "nobody"');
      await expect(db.system("nobody", (query) => query(FORGE, [9, "acme"]))).rejects.toThrow(
        'role "nobody"',
      );
      expect(await db.query(ACME, READ)).toEqual([{ id: 1 }]);
    });

    it("gives a system role no more than its grants", async () => {
      await expect(db.systemQuery("notes_log", READ)).rejects.toMatchObject({ code: "42501" });
    });

    it("applies each migration once, also when it is opened again", async () => {
      if ("url" in store.location) {
        const again = await Promise.all([1, 2, 3].map(() => openDatabase(store.location, OPTIONS)));
        for (const each of again) await each[Symbol.asyncDispose]();
      } else {
        await db[Symbol.asyncDispose]();
        db = await openDatabase(store.location, OPTIONS);
      }
      expect(await db.query(OTHER, READ)).toEqual([{ id: 2 }]);
    });
  });
}
