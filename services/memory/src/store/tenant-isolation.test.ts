import type { Caller } from "@forerun/runtime/caller";
import { afterAll, beforeAll, expect, it } from "vitest";
import { onEveryStore, type StoreUnderTest } from "../fixtures/every-store.ts";
import { putDocument } from "./documents.ts";
import { ROLE } from "./migrations.ts";

const TABLES = ["documents", "chunks", "chunk_terms"];
const callerOf = (tenant: string): Caller => ({ tenant, subject: "u1", roles: ["user"] });
const statement = (text: string) => ({ name: "", text });

onEveryStore("row-level security", (open) => {
  let store: StoreUnderTest;
  beforeAll(async () => {
    store = await open();
    for (const tenant of ["acme", "globex"]) {
      const text = `Words of ${tenant}.`;
      await putDocument(store.db, callerOf(tenant), {
        uri: "a.txt",
        mediaType: "text/plain",
        text,
        title: "",
      });
    }
  });
  afterAll(() => store[Symbol.asyncDispose]());

  it.each(TABLES)("shows a tenant only its own rows of %s", async (table) => {
    const select = statement(`select distinct tenant_id from memory.${table}`);
    expect(await store.db.query(callerOf("acme"), select)).toEqual([{ tenant_id: "acme" }]);
    expect(await store.db.query(callerOf("nobody"), select)).toEqual([]);
  });

  it.each(TABLES)("shows nothing of %s to the service's role without a tenant", async (table) => {
    const rows = await store.db.systemQuery(ROLE, statement(`select tenant_id from memory.${table}`));
    expect(rows).toEqual([]);
  });

  it.each(TABLES)("lets no one change or remove another tenant's rows of %s", async (table) => {
    const asAcme = (text: string) => store.db.query(callerOf("acme"), statement(text));
    expect(await asAcme(`delete from memory.${table} where tenant_id = 'globex' returning 1`)).toEqual([]);
    await expect(asAcme(`update memory.${table} set tenant_id = 'globex'`)).rejects.toMatchObject({
      code: "42501",
    });
    const own = await store.db.query(callerOf("globex"), statement(`select 1 from memory.${table}`));
    expect(own).toHaveLength(1);
  });

  it("keeps tenants apart after a statement failed in a pooled transaction", async () => {
    const broken = store.db.tx(callerOf("acme"), (query) => query(statement("select 1 / 0")));
    await expect(broken).rejects.toMatchObject({ code: "22012" });
    const select = statement("select tenant_id from memory.documents");
    expect(await store.db.query(callerOf("globex"), select)).toEqual([{ tenant_id: "globex" }]);
    expect(await store.db.systemQuery(ROLE, select)).toEqual([]);
  });
});
