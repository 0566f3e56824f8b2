import { randomUUID } from "node:crypto";
import type { Database } from "@forerun/db/database";
import { openDatabase } from "@forerun/db/open";
import { type Caller, LOCAL_CALLER } from "@forerun/runtime/caller";
import { silentLogger } from "@forerun/runtime/logger";
import { STORES, type TestStore } from "@forerun/testing/stores";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type CallEnd, failure } from "../tool-call.ts";
import type { Invocation } from "./invocation.ts";
import { forgetInvocations, invocationStore } from "./invocation-store.ts";
import { TOOLS_SCHEMA } from "./schema.ts";

const ACME: Caller = { ...LOCAL_CALLER, tenant: "acme" };
const OTHER: Caller = { ...LOCAL_CALLER, tenant: "other" };
const DONE: CallEnd = {
  kind: "result",
  output: { text: "a\u0000b \ud800" },
  rendered: "made",
  truncated: false,
};
const AGE = {
  name: "age",
  text: "update tools.invocations set alive_until = alive_until - interval '1 hour', reserved = reserved - interval '40 days' where id = $1",
};

for (const { name, suite, start } of STORES) {
  suite(`the record of calls on ${name}`, () => {
    let store: TestStore;
    let db: Database;

    beforeAll(async () => {
      store = await start();
      db = await openDatabase(store.location, { ...TOOLS_SCHEMA, log: silentLogger });
    });
    afterAll(async () => {
      await db[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    });

    const record = () => invocationStore(db, 60_000);
    const again = (invocation: Invocation): Invocation => ({ ...invocation, run: randomUUID() });
    /** As its owner, past every policy. */
    const age = ({ id }: Invocation) => db.systemQuery("postgres", AGE, [id]);

    it("lets one of fifty begin, and says to the others that it runs", async () => {
      const one = invocation();
      const all = await Promise.all(Array.from({ length: 50 }, () => record().reserve(ACME, again(one))));
      expect(all.filter(({ kind }) => kind === "ours")).toHaveLength(1);
      expect(all.filter(({ kind }) => kind === "running")).toHaveLength(49);
    });

    it("knows a run whose answer got lost", async () => {
      const one = invocation();
      expect(await record().reserve(ACME, one)).toEqual({ kind: "ours" });
      expect(await record().reserve(ACME, one)).toEqual({ kind: "ours" });
    });

    it("gives the end to whoever asks again, byte by byte, and to no other tenant", async () => {
      const one = invocation();
      await record().reserve(ACME, one);
      await record().settle(ACME, one, DONE);
      const { end } = (await record().reserve(ACME, again(one))) as { end: CallEnd };
      expect(end).toEqual({ ...DONE, output: { text: "a\u0000b \ud800" } });
      expect(await record().reserve(OTHER, again(one))).toEqual({ kind: "ours" });
    });

    it("gives a failure of the tool again too", async () => {
      const one = invocation();
      const refused = failure("not_found", "no such account");
      await record().reserve(ACME, one);
      await record().settle(ACME, one, refused);
      expect(await record().reserve(ACME, again(one))).toEqual({ kind: "ended", end: refused });
    });

    it("calls the outcome unknown when who ran it fell silent, unless it ends after all", async () => {
      const one = invocation();
      await record().reserve(ACME, one);
      await age(one);
      expect(await record().reserve(ACME, again(one))).toEqual({ kind: "unknown" });
      expect(await record().reserve(ACME, again(one))).toEqual({ kind: "unknown" });
      await record().settle(ACME, one, DONE);
      expect(await record().reserve(ACME, again(one))).toMatchObject({ kind: "ended" });
    });

    it("hears that a run goes on", async () => {
      const one = invocation();
      await record().reserve(ACME, one);
      await age(one);
      await record().beat([one.run]);
      expect(await record().reserve(ACME, again(one))).toEqual({ kind: "running" });
    });

    it("forgets what never ran, and nothing that another run ended", async () => {
      const [never, ended] = [invocation(), invocation()];
      await record().reserve(ACME, never);
      await record().release(ACME, never);
      expect(await record().reserve(ACME, again(never))).toEqual({ kind: "ours" });
      await record().reserve(ACME, ended);
      await record().settle(ACME, again(ended), DONE);
      await record().release(ACME, again(ended));
      expect(await record().reserve(ACME, again(ended))).toEqual({ kind: "running" });
    });

    it("forgets what is old", async () => {
      const [old, young] = [invocation(), invocation()];
      await record().reserve(ACME, old);
      await record().reserve(OTHER, young);
      await age(old);
      expect(await forgetInvocations(db, 30)).toBeGreaterThanOrEqual(1);
      expect(await record().reserve(ACME, again(old))).toEqual({ kind: "ours" });
      expect(await record().reserve(OTHER, again(young))).toEqual({ kind: "running" });
    });
  });
}

function invocation(): Invocation {
  return { id: randomUUID(), run: randomUUID(), of: { turnId: "t1", callId: "c1" }, tool: "transfer" };
}
