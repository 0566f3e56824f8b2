/** Search where what fits best is another tenant's. */
import { openDatabase } from "@forerun/db/open";
import { search } from "@forerun/memory/search/search";
import { putDocument } from "@forerun/memory/store/documents";
import { MEMORY_SCHEMA } from "@forerun/memory/store/schema";
import type { Caller } from "@forerun/runtime/caller";
import { silentLogger } from "@forerun/runtime/logger";
import { STORES } from "@forerun/testing/stores";
import { expect, it } from "vitest";

const callerOf = (tenant: string): Caller => ({ tenant, subject: "u1", roles: ["user"] });
const QUESTION = "Where does the plover nest?";
const K = 5;

for (const { name, suite, start } of STORES) {
  suite(`search on ${name}`, () => {
    it("finds k passages of one's own, though fifty of another tenant's fit better", async () => {
      await using store = await start();
      await using db = await openDatabase(store.location, { ...MEMORY_SCHEMA, log: silentLogger });
      const put = (tenant: string, at: number, text: string) =>
        putDocument(db, callerOf(tenant), {
          uri: `${at}.txt`,
          mediaType: "text/plain",
          text,
          title: "",
        });
      for (let at = 0; at < 50; at += 1) await put("globex", at, `${QUESTION} The plover nests here, ${at}.`);
      for (let at = 0; at < K + 2; at += 1)
        await put("acme", at, `Of ${at} birds one is a plover; the others are gulls and terns and stints.`);
      const asked = { text: QUESTION, k: K, timeoutMs: undefined };
      const found = await search(db, callerOf("acme"), asked);
      expect(found).toHaveLength(K);
      expect(found.filter(({ text }) => !text.includes("gulls"))).toEqual([]);
      expect(await search(db, callerOf("nobody"), asked)).toEqual([]);
    });
  });
}
