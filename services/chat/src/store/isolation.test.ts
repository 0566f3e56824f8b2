import type { Database, Statement } from "@forerun/db/database";
import type { Caller } from "@forerun/runtime/caller";
import { STORES } from "@forerun/testing/stores";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freshCaller, type LogBench, startLog, wholeTurn } from "./fixtures/log-bench.ts";

const TABLES = ["conversations", "turns", "messages", "turn_events"];

const statement = (text: string): Statement => ({ name: text.slice(0, 60), text });
const count = (table: string) => statement(`select count(*)::int as n from chat.${table}`);

for (const { name, suite, start } of STORES) {
  suite(`row-level security of the chat schema on ${name}`, () => {
    let bench: LogBench;
    let db: Database;
    const owner: Caller = freshCaller();

    beforeAll(async () => {
      bench = await startLog(start);
      ({ db } = bench);
      await wholeTurn(bench.log, owner, ["408"]);
    });
    afterAll(() => bench[Symbol.asyncDispose]());

    it.each(TABLES)(
      "shows %s to their tenant alone, also after errors on the same connections",
      async (table) => {
        const [own] = await db.query<{ n: number }>(owner, count(table));
        expect(own?.n).toBeGreaterThan(0);
        for (let round = 0; round < 25; round += 1) {
          await expect(db.query(owner, statement("select 1 / 0"))).rejects.toMatchObject({ code: "22012" });
          expect(await db.systemQuery("chat_rw", count(table))).toEqual([{ n: 0 }]);
          expect(await db.query(freshCaller(), count(table))).toEqual([{ n: 0 }]);
        }
      },
    );

    it("covers every table of the schema that has a tenant", async () => {
      const unprotected = await db.query(
        owner,
        statement(`
          select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
          where c.relnamespace = 'chat'::regnamespace and c.relkind in ('r', 'p')
            and not c.relrowsecurity and not c.relispartition`),
      );
      expect(unprotected).toEqual([]);
    });

    it("keeps partitions out of reach: only their parent is granted", async () => {
      const day = new Date().toISOString().slice(0, 10).replaceAll("-", "");
      const partition = statement(`select 1 from chat.turn_events_${day}`);
      await expect(db.query(owner, partition)).rejects.toMatchObject({ code: "42501" });
      await expect(db.systemQuery("chat_log", partition)).rejects.toMatchObject({ code: "42501" });
    });

    it("keeps the log's role from messages, conversations and what it need not change", async () => {
      for (const text of [
        "select 1 from chat.messages",
        "select 1 from chat.conversations",
        "delete from chat.turn_events",
        "update chat.turns set tenant_id = 'other'",
        "update chat.turns set request_hash = ''",
      ]) {
        await expect(db.systemQuery("chat_log", statement(text))).rejects.toMatchObject({ code: "42501" });
      }
    });

    it("lets no tenant take over another's row or write in its name", async () => {
      const thief = freshCaller();
      const steal = statement("update chat.turns set tenant_id = current_setting('app.tenant') returning id");
      expect(await db.query(thief, steal)).toEqual([]);
      const forge = statement("update chat.turns set tenant_id = 'forged' returning id");
      await expect(db.query(owner, forge)).rejects.toMatchObject({ code: "42501" });
    });
  });
}
