import { STORES } from "@forerun/testing/stores";
import { v7 } from "uuid";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Conversations, Page } from "../ports.ts";
import { callerOf, freshCaller, type LogBench, startLog, wholeTurn } from "./fixtures/log-bench.ts";

function itemsOf<T>(page: Page<T> | undefined): { items: T[]; next: string | undefined } {
  if (page?.kind !== "page") throw new Error(`no page: ${page?.kind}`);
  return page;
}

for (const { name, suite, start } of STORES) {
  suite(`conversations on ${name}`, () => {
    let bench: LogBench;
    let conversations: Conversations;

    beforeAll(async () => {
      bench = await startLog(start);
      ({ conversations } = bench);
    });
    afterAll(() => bench[Symbol.asyncDispose]());

    it("are created, read, renamed and removed", async () => {
      const caller = freshCaller();
      const made = await conversations.create(caller, "Sums");
      expect(await conversations.get(caller, made.conversationId)).toEqual(made);
      const renamed = await conversations.rename(caller, made.conversationId, "Products");
      expect(renamed).toEqual({ ...made, title: "Products" });
      expect(await conversations.remove(caller, made.conversationId)).toBe(true);
      expect(await conversations.get(caller, made.conversationId)).toBeUndefined();
      expect(await conversations.remove(caller, made.conversationId)).toBe(false);
      expect(await conversations.rename(caller, made.conversationId, "x")).toBeUndefined();
    });

    it("are the tenant's: another one finds, changes and removes nothing", async () => {
      const owner = freshCaller();
      const { conversationId } = await wholeTurn(bench.log, owner, ["408"]);
      const stranger = freshCaller();
      for (const id of [conversationId, v7(), "no uuid"]) {
        expect(await conversations.get(stranger, id)).toBeUndefined();
        expect(await conversations.rename(stranger, id, "mine")).toBeUndefined();
        expect(await conversations.remove(stranger, id)).toBe(false);
        expect(await conversations.messages(stranger, id, 10, undefined)).toBeUndefined();
      }
      expect(itemsOf(await conversations.list(stranger, 10, undefined)).items).toEqual([]);
      expect(itemsOf(await conversations.messages(owner, conversationId, 10, undefined)).items).toHaveLength(
        2,
      );
    });

    it("are listed last used first, page by page, each subject its own", async () => {
      const caller = freshCaller();
      const ids: string[] = [];
      for (let index = 0; index < 5; index += 1) {
        ids.push((await conversations.create(caller, `${index}`)).conversationId);
      }
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = itemsOf(await conversations.list(caller, 2, after));
        expect(page.items.length).toBeLessThanOrEqual(2);
        seen.push(...page.items.map(({ conversationId }) => conversationId));
        after = page.next;
      } while (after !== undefined);
      expect([...seen].sort()).toEqual([...ids].sort());
      const colleague = callerOf(caller.tenant, "colleague");
      expect(itemsOf(await conversations.list(colleague, 10, undefined)).items).toEqual([]);
    });

    it("give their messages oldest first with the turn each belongs to", async () => {
      const caller = freshCaller();
      const { conversationId, turnId } = await wholeTurn(bench.log, caller, ["4", "08"]);
      const first = itemsOf(await conversations.messages(caller, conversationId, 1, undefined));
      const second = itemsOf(await conversations.messages(caller, conversationId, 1, first.next));
      expect([...first.items, ...second.items]).toMatchObject([
        { role: "user", text: "17% of 2400?", turnId, conversationId },
        { role: "assistant", text: "408", turnId, conversationId },
      ]);
      expect(second.next).toBeUndefined();
    });

    it("refuse page tokens that are not theirs", async () => {
      const caller = freshCaller();
      const { conversationId } = await wholeTurn(bench.log, caller, ["a"]);
      const ofMessages = itemsOf(await conversations.messages(caller, conversationId, 1, undefined)).next;
      for (const token of ["", "x", "dDEuMg", ofMessages ?? "none"]) {
        expect(await conversations.list(caller, 5, token)).toEqual({ kind: "bad_page_token" });
      }
      expect(await conversations.messages(caller, conversationId, 5, "dDEuMg")).toEqual({
        kind: "bad_page_token",
      });
    });

    it("take their turns, messages and events with them", async () => {
      const caller = freshCaller();
      const { conversationId, turnId } = await wholeTurn(bench.log, caller, ["a"]);
      await conversations.remove(caller, conversationId);
      expect(await bench.log.get(caller, turnId)).toBeUndefined();
      for (const table of ["conversations", "turns", "messages", "turn_events"]) {
        const text = `select 1 from chat.${table}`;
        expect(await bench.db.query(caller, { name: `left_${table}`, text })).toEqual([]);
      }
    });
  });
}
