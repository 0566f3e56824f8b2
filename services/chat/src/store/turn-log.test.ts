import type { Database } from "@forerun/db/database";
import { STORES } from "@forerun/testing/stores";
import { v7 } from "uuid";
import { afterAll, beforeAll, expect, it } from "vitest";
import { NO_USAGE } from "../turn.ts";
import {
  begin,
  callerOf,
  created,
  endedTurn,
  eventsIn,
  freshCaller,
  newTurn,
  openLog,
  readAll,
  startLog,
  text,
  wholeTurn,
} from "./fixtures/log-bench.ts";
import type { StoredTurnLog } from "./turn-log.ts";

for (const { name, suite, start } of STORES) {
  suite(`the turn log on ${name}`, () => {
    let bench: Awaited<ReturnType<typeof startLog>>;
    let log: StoredTurnLog;
    let db: Database;

    beforeAll(async () => {
      bench = await startLog(start);
      ({ log, db } = bench);
    });
    afterAll(() => bench[Symbol.asyncDispose]());

    it("opens a conversation for a turn that names none, titled by its first words", async () => {
      const caller = freshCaller();
      const { lease, history } = await begin(log, caller, { text: "  Two\nlines of  text " });
      expect(history).toEqual([]);
      const rows = await db.query(caller, {
        name: "titles",
        text: "select id, title from chat.conversations",
      });
      expect(rows).toEqual([{ id: lease.conversationId, title: "Two lines of text" }]);
    });

    it("hands the messages before this one to the next turn, oldest first", async () => {
      const caller = freshCaller();
      const { conversationId } = await wholeTurn(log, caller, ["4", "08"]);
      const { history } = await begin(log, caller, { conversationId, text: "and half of it?" });
      expect(history).toEqual([
        { role: "user", content: "17% of 2400?" },
        { role: "assistant", content: "408" },
      ]);
    });

    it("keeps the order of what was said though the clocks of processes differ", async () => {
      const caller = freshCaller();
      const newId = () => v7({ msecs: Date.now() + 3_600_000 });
      await using ahead = await openLog(db, { owner: bench.owner, newId });
      const past = [{ role: "user" as const, content: "hello" }];
      const { lease } = await begin(ahead, caller, { text: "one", past });
      await ahead.finish(lease, endedTurn(lease, { text: "1" }));
      const { history } = await begin(log, caller, { conversationId: lease.conversationId, text: "two" });
      expect(history.map(({ content }) => content)).toEqual(["hello", "one", "1"]);
      const page = await bench.conversations.messages(caller, lease.conversationId, 10, undefined);
      expect(page?.kind === "page" && page.items.map(({ text: said }) => said)).toEqual([
        "hello",
        "one",
        "1",
        "two",
      ]);
    });

    it("starts a new conversation from earlier messages", async () => {
      const caller = freshCaller();
      const past = [
        { role: "user" as const, content: "hello" },
        { role: "assistant" as const, content: "good day" },
      ];
      const first = await begin(log, caller, { past });
      expect(first.history).toEqual(past);
      await log.finish(first.lease, endedTurn(first.lease));
      const second = await begin(log, caller, { conversationId: first.lease.conversationId });
      expect(second.history.map(({ content }) => content)).toEqual([
        "hello",
        "good day",
        "17% of 2400?",
        "408",
      ]);
    });

    it("finds the turn of a key without beginning one, for the same request and tenant alone", async () => {
      const caller = freshCaller();
      const { requestHash } = newTurn();
      expect(await log.find(caller, "sought", requestHash)).toEqual({ kind: "none" });
      const { lease } = await begin(log, caller, { idempotencyKey: "sought" });
      expect(await log.find(caller, "sought", requestHash)).toEqual({ kind: "found", turnId: lease.turnId });
      expect(await log.find(caller, "sought", "another")).toEqual({ kind: "key_reused" });
      expect(await log.find(freshCaller(), "sought", requestHash)).toEqual({ kind: "none" });
    });

    it("gives the same turn for the same key and request, and refuses the key for another request", async () => {
      const caller = freshCaller();
      const { lease } = await begin(log, caller, { idempotencyKey: "k" });
      expect(await log.begin(caller, newTurn({ idempotencyKey: "k" }))).toEqual({
        kind: "replayed",
        turnId: lease.turnId,
      });
      const other = newTurn({ idempotencyKey: "k", requestHash: "another" });
      expect(await log.begin(caller, other)).toEqual({ kind: "key_reused" });
      expect((await log.begin(freshCaller(), newTurn({ idempotencyKey: "k" }))).kind).toBe("begun");
    });

    it("makes one turn of the same key sent twenty times at once", async () => {
      const caller = freshCaller();
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, () => log.begin(caller, newTurn({ idempotencyKey: "once" }))),
      );
      const begun = outcomes.flatMap((outcome) => (outcome.kind === "begun" ? [outcome.lease.turnId] : []));
      const replayed = outcomes.flatMap((outcome) => (outcome.kind === "replayed" ? [outcome.turnId] : []));
      expect(begun).toHaveLength(1);
      expect(replayed).toHaveLength(19);
      expect(new Set(replayed)).toEqual(new Set(begun));
      const [count] = await db.query<{ n: number }>(caller, {
        name: "count_conversations",
        text: "select count(*)::int as n from chat.conversations",
      });
      expect(count).toEqual({ n: 1 });
    });

    it("ends a turn whose own end cannot be written as failed, and sets its conversation free", async () => {
      const caller = freshCaller();
      const { lease } = await begin(log, caller);
      await log.append(lease, [created(lease), text("40")]);
      const usage = { ...NO_USAGE, modelCalls: 1, inputTokens: 2 ** 31 };
      await expect(log.finish(lease, endedTurn(lease, { usage }))).rejects.toThrow("int32");
      const events = eventsIn(await readAll(log, caller, lease.turnId));
      expect(events.map(({ sequence, body }) => [sequence, body.kind])).toEqual([
        [1, "turnCreated"],
        [2, "outputTextDelta"],
        [3, "turnFailed"],
      ]);
      await begin(log, caller, { conversationId: lease.conversationId });
    });

    it("does not try an end for ever that the store will never take", async () => {
      const caller = freshCaller();
      const { lease } = await begin(log, caller);
      await log.append(lease, [created(lease)]);
      const never = endedTurn(lease, { turnId: "no uuid" });
      await expect(log.finish(lease, never)).rejects.toMatchObject({ code: "22P02" });
      const events = eventsIn(await readAll(log, caller, lease.turnId));
      expect(events.map(({ body }) => body.kind)).toEqual(["turnCreated", "turnFailed"]);
    });

    it("lets one of many messages into a conversation and calls it busy to the others", async () => {
      const caller = freshCaller();
      const { conversationId } = await wholeTurn(log, caller, ["ok"]);
      const outcomes = await Promise.all(
        Array.from({ length: 10 }, () => log.begin(caller, newTurn({ conversationId }))),
      );
      const kinds = outcomes.map(({ kind }) => kind).sort();
      expect(kinds).toEqual(["begun", ...Array.from({ length: 9 }, () => "busy")].sort());
      const begun = outcomes.find((outcome) => outcome.kind === "begun");
      const busy = outcomes.find((outcome) => outcome.kind === "busy");
      expect(busy?.kind === "busy" && busy.turnId).toBe(begun?.kind === "begun" && begun.lease.turnId);
    });

    it("knows no conversation of another tenant, nor one that never was", async () => {
      const { conversationId, turnId } = await wholeTurn(log, freshCaller(), ["ok"]);
      const stranger = freshCaller();
      expect(await log.begin(stranger, newTurn({ conversationId }))).toEqual({ kind: "no_conversation" });
      expect(await log.begin(stranger, newTurn({ conversationId: v7() }))).toEqual({
        kind: "no_conversation",
      });
      expect(await log.begin(stranger, newTurn({ conversationId: "no uuid" }))).toEqual({
        kind: "no_conversation",
      });
      expect(await log.get(stranger, turnId)).toBeUndefined();
      expect(await log.requestCancel(stranger, turnId)).toBeUndefined();
      expect(await log.list(stranger, conversationId, 10, undefined)).toMatchObject({ items: [] });
    });

    it("keeps the order of appends that no one waits for, without gaps, and joins the words that wait", async () => {
      const caller = freshCaller();
      const { lease } = await begin(log, caller);
      const words = Array.from({ length: 200 }, (_, index) => `${index} `);
      const outcomes = [log.append(lease, [created(lease)])];
      for (const word of words) outcomes.push(log.append(lease, [text(word)]));
      expect(new Set(await Promise.all(outcomes))).toEqual(new Set(["durable"]));
      await log.finish(lease, endedTurn(lease));
      const events = eventsIn(await readAll(log, caller, lease.turnId));
      expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
      const told = events.flatMap(({ body }) => (body.kind === "outputTextDelta" ? [body.text] : []));
      expect(told.join("")).toEqual(words.join(""));
      expect(told.length).toBeLessThan(words.length / 2);
    });

    it("stores what many turns append in few statements", async () => {
      const caller = freshCaller();
      const begun = await Promise.all(Array.from({ length: 20 }, () => begin(log, caller)));
      await Promise.all(
        begun.map(async ({ lease }) => {
          for (let index = 0; index < 10; index += 1) void log.append(lease, [text("x")]);
          expect(await log.append(lease, [text("last")])).toBe("durable");
        }),
      );
      for (const { lease } of begun) await log.finish(lease, endedTurn(lease));
      const [chunks] = await db.query<{ n: number }>(caller, {
        name: "count_chunks",
        text: "select count(*)::int as n from chat.turn_events",
      });
      // 20 turns of 11 appends each; the last chunk of each is the one with its end.
      expect(chunks?.n).toBeLessThanOrEqual(20 * 4);
      expect(chunks?.n).toBeGreaterThanOrEqual(20 * 2);
    });

    it("ends a turn once: a second end and a late event are fenced", async () => {
      const caller = freshCaller();
      const { lease } = await begin(log, caller);
      const ends = await Promise.all([
        log.finish(lease, endedTurn(lease, { text: "first" })),
        log.finish(lease, endedTurn(lease, { text: "second" })),
        log.append(lease, [text("late")]),
      ]);
      expect(ends).toEqual(["durable", "fenced", "fenced"]);
      const events = eventsIn(await readAll(log, caller, lease.turnId));
      expect(events.map(({ body }) => body.kind)).toEqual(["turnCompleted"]);
      expect(await log.get(caller, lease.turnId)).toMatchObject({ text: "first", lastSequence: 1 });
    });

    it("fences an owner whose turn has gone to a newer epoch, and one whose conversation was deleted", async () => {
      const caller = freshCaller();
      const { lease } = await begin(log, caller);
      await log.append(lease, [created(lease)]);
      await db.system("chat_log", (query) =>
        query({ name: "adopt", text: "update chat.turns set epoch = 2 where id = $1::uuid" }, [lease.turnId]),
      );
      expect(await log.append(lease, [text("zombie")])).toBe("fenced");
      expect(await log.finish(lease, endedTurn(lease))).toBe("fenced");
      const [row] = await db.query<{ n: number }>(
        caller,
        {
          name: "count_events",
          text: "select sum(last_seq - first_seq + 1)::int as n from chat.turn_events where turn_id = $1::uuid",
        },
        [lease.turnId],
      );
      expect(row).toEqual({ n: 1 });
    });

    it("stores answer, message and end together, and no message for a turn that was cancelled or failed", async () => {
      const caller = freshCaller();
      const first = await begin(log, caller);
      await log.finish(first.lease, endedTurn(first.lease, { text: "408" }));
      const { conversationId } = first.lease;
      const second = await begin(log, caller, { conversationId });
      await log.finish(
        second.lease,
        endedTurn(second.lease, { state: "cancelled", reason: "user", text: "par" }),
      );
      const third = await begin(log, caller, { conversationId });
      expect(third.history.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
      const cancelled = await log.get(caller, second.lease.turnId);
      expect(cancelled).toMatchObject({ state: "cancelled", reason: "user", text: "par" });
    });

    it("folds a running turn from its log", async () => {
      const caller = freshCaller();
      const { lease } = await begin(log, caller);
      expect(await log.get(caller, lease.turnId)).toMatchObject({ state: "in_progress", lastSequence: 0 });
      await log.append(lease, [created(lease), text("4"), text("0")]);
      expect(await log.get(caller, lease.turnId)).toMatchObject({
        state: "in_progress",
        text: "40",
        lastSequence: 3,
      });
    });

    it("flags a running turn as to be cancelled, and says when it has ended", async () => {
      const caller = freshCaller();
      const { lease } = await begin(log, caller);
      expect(await log.requestCancel(caller, lease.turnId)).toEqual({ open: true, owner: bench.owner });
      const [row] = await db.query(
        caller,
        { name: "flag", text: "select cancel_requested from chat.turns where id = $1::uuid" },
        [lease.turnId],
      );
      expect(row).toEqual({ cancel_requested: true });
      await log.finish(lease, endedTurn(lease, { state: "cancelled" }));
      expect(await log.requestCancel(caller, lease.turnId)).toEqual({ open: false, owner: undefined });
      expect(await log.requestCancel(caller, v7())).toBeUndefined();
    });

    it("lists turns newest first over pages, running ones included", async () => {
      const caller = freshCaller();
      const first = await wholeTurn(log, caller, ["a"]);
      const second = await wholeTurn(log, caller, ["b"]);
      const third = (await begin(log, caller)).lease;
      const page = await log.list(caller, undefined, 2, undefined);
      if (page.kind !== "page") throw new Error(page.kind);
      expect(page.items.map(({ turnId }) => turnId)).toEqual([third.turnId, second.turnId]);
      const rest = await log.list(caller, undefined, 2, page.next);
      expect(rest).toMatchObject({ items: [{ turnId: first.turnId, text: "a" }], next: undefined });
      expect(await log.list(caller, first.conversationId, 5, undefined)).toMatchObject({
        items: [{ turnId: first.turnId }],
      });
      expect(await log.list(callerOf(caller.tenant, "else"), undefined, 5, undefined)).toMatchObject({
        items: [],
      });
      for (const bad of ["!", "aXh4", "é".repeat(40)]) {
        expect(await log.list(caller, undefined, 2, bad)).toEqual({ kind: "bad_page_token" });
      }
    });

    it("refuses a text with a NUL as the sender's mistake and stores nothing of it", async () => {
      const caller = freshCaller();
      await expect(log.begin(caller, newTurn({ text: "a\0b" }))).rejects.toMatchObject({ code: "FR-E1301" });
      expect(await log.list(caller, undefined, 5, undefined)).toMatchObject({ items: [] });
    });

    it("ends a turn whose answer holds a NUL", async () => {
      const caller = freshCaller();
      const { lease } = await begin(log, caller);
      expect(await log.finish(lease, endedTurn(lease, { text: "a\0b" }))).toBe("durable");
      expect(await log.get(caller, lease.turnId)).toMatchObject({ text: "a\uFFFDb" });
    });

    it("puts events into the partition of their turn's day", async () => {
      const caller = freshCaller();
      const { turnId } = await wholeTurn(log, caller, ["x"]);
      const day = new Date().toISOString().slice(0, 10).replaceAll("-", "");
      const [row] = await db.query<{ part: string }>(
        caller,
        {
          name: "part",
          text: "select distinct tableoid::regclass::text as part from chat.turn_events where turn_id = $1::uuid",
        },
        [turnId],
      );
      expect(row).toEqual({ part: `chat.turn_events_${day}` });
    });

    it("ends what a dead owner left running as failed(unavailable) and leaves ended turns alone", async () => {
      const caller = freshCaller();
      const ended = await wholeTurn(log, caller, ["408"]);
      const { lease } = await begin(log, caller, { conversationId: ended.conversationId });
      await log.append(lease, [created(lease), text("half an ans")]);
      const bare = (await begin(log, caller)).lease;
      // The next process opens the same store; this one is dead to it.
      await using next = await openLog(db);
      const turn = await next.get(caller, lease.turnId);
      expect(turn).toMatchObject({
        state: "failed",
        errorCode: "unavailable",
        retryable: true,
        text: "half an ans",
      });
      const events = eventsIn(await readAll(next, caller, lease.turnId));
      expect(events.map(({ sequence, body }) => [sequence, body.kind])).toEqual([
        [1, "turnCreated"],
        [2, "outputTextDelta"],
        [3, "turnFailed"],
      ]);
      expect(await next.get(caller, bare.turnId)).toMatchObject({ state: "failed", lastSequence: 1 });
      expect(await next.get(caller, ended.turnId)).toMatchObject({ state: "completed" });
      // The old owner is alive after all: it may not write a word more.
      expect(await log.append(lease, [text("wer")])).toBe("fenced");
      expect(await log.finish(bare, endedTurn(bare))).toBe("fenced");
      const { history } = await begin(next, caller, { conversationId: ended.conversationId });
      expect(history.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
    });
  });
}
