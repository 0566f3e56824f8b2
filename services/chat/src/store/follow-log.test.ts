import type { Database } from "@forerun/db/database";
import { STORES } from "@forerun/testing/stores";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { StreamItem, TurnEvent } from "../turn-event.ts";
import {
  attached,
  begin,
  created,
  endedTurn,
  eventsIn,
  freshCaller,
  openLog,
  readAll,
  startLog,
  text,
  wholeTurn,
} from "./fixtures/log-bench.ts";
import type { StoredTurnLog } from "./turn-log.ts";

const summary = (events: readonly TurnEvent[]) => events.map(({ sequence, body }) => [sequence, body.kind]);

for (const { name, suite, start } of STORES) {
  suite(`following a turn on ${name}`, () => {
    let bench: Awaited<ReturnType<typeof startLog>>;
    let log: StoredTurnLog;
    let db: Database;

    beforeAll(async () => {
      bench = await startLog(start);
      ({ log, db } = bench);
    });
    afterAll(() => bench[Symbol.asyncDispose]());

    it("gives the rest from any event on: both parts together are the whole", async () => {
      const caller = freshCaller();
      const words = Array.from({ length: 30 }, (_, index) => `${index} `);
      const { turnId } = await wholeTurn(log, caller, words);
      const whole = eventsIn(await readAll(log, caller, turnId));
      expect(whole).toHaveLength(32);
      for (let cut = 0; cut <= whole.length; cut += 1) {
        const rest = eventsIn(await readAll(log, caller, turnId, { epoch: 1, afterSequence: cut }));
        expect([...whole.slice(0, cut), ...rest]).toEqual(whole);
      }
    });

    it("gives readers who attach at any moment of a running turn the same events in the same order", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.nat(40), { minLength: 1, maxLength: 6 }),
          fc.array(fc.nat(3), { minLength: 40, maxLength: 40 }),
          async (moments, pauses) => {
            const caller = freshCaller();
            const { lease } = await begin(log, caller);
            const readers: Promise<StreamItem[]>[] = [];
            for (let step = 0; step <= 40; step += 1) {
              for (const moment of moments) {
                if (moment === step) readers.push(readAll(log, caller, lease.turnId));
              }
              const written = log.append(lease, [step === 0 ? created(lease) : text(`${step} `)]);
              if (pauses[step] === 0) await written;
            }
            await log.finish(lease, endedTurn(lease));
            const seen = await Promise.all(readers);
            const whole = eventsIn(await readAll(log, caller, lease.turnId));
            expect(whole.map(({ sequence }) => sequence)).toEqual(whole.map((_, index) => index + 1));
            for (const items of seen) expect(eventsIn(items)).toEqual(whole);
          },
        ),
        { numRuns: 15 },
      );
    });

    it("delivers an event only when it is durable", async () => {
      const caller = freshCaller();
      const { lease } = await begin(log, caller);
      const items = (await attached(log, caller, lease.turnId))[Symbol.asyncIterator]();
      for (let index = 0; index < 20; index += 1) {
        void log.append(lease, [index === 0 ? created(lease) : text("x")]);
        const { value } = await items.next();
        const sequence = value?.kind === "event" ? value.event.sequence : undefined;
        const [row] = await db.query<{ stored: number }>(
          caller,
          {
            name: "stored",
            text: "select max(last_seq) as stored from chat.turn_events where turn_id = $1::uuid",
          },
          [lease.turnId],
        );
        expect(row?.stored).toBeGreaterThanOrEqual(sequence ?? Number.POSITIVE_INFINITY);
      }
      await log.finish(lease, endedTurn(lease));
      await items.return?.(undefined);
    });

    it("lets a reader that stops reading fall behind without holding its events, and gives it all of them later", async () => {
      const caller = freshCaller();
      const { lease } = await begin(log, caller);
      await log.append(lease, [created(lease)]);
      const items = (await attached(log, caller, lease.turnId))[Symbol.asyncIterator]();
      await items.next();
      const long = "x".repeat(10_000);
      for (let index = 0; index < 100; index += 1) await log.append(lease, [text(long)]);
      await log.finish(lease, endedTurn(lease));
      const events: TurnEvent[] = [];
      for (let next = await items.next(); !next.done; next = await items.next()) {
        if (next.value.kind === "event") events.push(next.value.event);
      }
      expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 101 }, (_, at) => at + 2));
    });

    it("refuses a place past the last event and an epoch that has not been", async () => {
      const caller = freshCaller();
      const { turnId } = await wholeTurn(log, caller, ["a"]);
      const refused = { kind: "out_of_range", lastSequence: 3, epoch: 1 };
      const signal = AbortSignal.timeout(5000);
      expect(await log.attach(caller, turnId, { epoch: 1, afterSequence: 4 }, signal)).toEqual(refused);
      expect(await log.attach(caller, turnId, { epoch: 0, afterSequence: 4 }, signal)).toEqual(refused);
      expect(await log.attach(caller, turnId, { epoch: 2, afterSequence: 0 }, signal)).toEqual(refused);
      expect(await readAll(log, caller, turnId, { epoch: 1, afterSequence: 3 })).toEqual([]);
      expect(await log.attach(freshCaller(), turnId, { epoch: 0, afterSequence: 0 }, signal)).toEqual({
        kind: "no_turn",
      });
    });

    it("gives a reader of an older epoch everything since the newer one began", async () => {
      const caller = freshCaller();
      const { turnId } = await wholeTurn(log, caller, ["a", "b"]);
      await db.system("chat_log", (query) =>
        query({ name: "age", text: "update chat.turns set epoch = 2 where id = $1::uuid" }, [turnId]),
      );
      await bench.raw("update chat.turn_events set epoch = 2 where turn_id = $1 and first_seq >= 3", [
        turnId,
      ]);
      const rest = eventsIn(await readAll(log, caller, turnId, { epoch: 1, afterSequence: 1 }));
      expect(rest.map(({ sequence, epoch }) => [sequence, epoch])).toEqual([
        [3, 2],
        [4, 2],
      ]);
    });

    it("puts a snapshot in the place of events that are no longer held, and still gives the end", async () => {
      const caller = freshCaller();
      const { turnId } = await wholeTurn(log, caller, ["4", "08"]);
      const place = { epoch: 1, afterSequence: 1 };
      await bench.raw("delete from chat.turn_events where turn_id = $1 and first_seq <= 2", [turnId]);
      const partly = await readAll(log, caller, turnId, place);
      await bench.raw("delete from chat.turn_events where turn_id = $1", [turnId]);
      for (const items of [partly, await readAll(log, caller, turnId, place)]) {
        expect(items).toMatchObject([
          { kind: "snapshot", reason: "LOG_TRUNCATED", turn: { text: "408", state: "completed" } },
          { kind: "event", event: { sequence: 4, epoch: 1, body: { kind: "turnCompleted" } } },
        ]);
      }
    });

    it("beats in silence, with no sequence, and stops when the reader leaves", async () => {
      const caller = freshCaller();
      await using quick = await openLog(db, { heartbeatMs: 20, owner: bench.owner });
      const { lease } = await begin(quick, caller);
      const leaving = new AbortController();
      const items = (
        await attached(quick, caller, lease.turnId, { epoch: 0, afterSequence: 0 }, leaving.signal)
      )[Symbol.asyncIterator]();
      expect(await items.next()).toEqual({ done: false, value: { kind: "heartbeat", turnId: lease.turnId } });
      expect((await items.next()).value).toMatchObject({ kind: "heartbeat" });
      const waiting = items.next();
      leaving.abort();
      expect((await waiting).done).toBe(true);
      await quick.finish(lease, endedTurn(lease));
    });

    it("follows a turn that another process writes", async () => {
      const caller = freshCaller();
      await using other = await openLog(db, { owner: bench.owner });
      const { lease } = await begin(other, caller);
      const reading = readAll(log, caller, lease.turnId);
      await other.append(lease, [created(lease)]);
      await other.append(lease, [text("a")]);
      await other.finish(lease, endedTurn(lease));
      expect(summary(eventsIn(await reading))).toEqual([
        [1, "turnCreated"],
        [2, "outputTextDelta"],
        [3, "turnCompleted"],
      ]);
    });

    it("sends readers elsewhere when the process stops serving", async () => {
      const caller = freshCaller();
      const other = await openLog(db, { owner: bench.owner });
      const { lease } = await begin(other, caller);
      await other.append(lease, [created(lease)]);
      const items = (await attached(other, caller, lease.turnId))[Symbol.asyncIterator]();
      await items.next();
      const waiting = items.next();
      await other[Symbol.asyncDispose]();
      expect((await waiting).value).toEqual({ kind: "goAway", turnId: lease.turnId, reason: "shutdown" });
      expect((await items.next()).done).toBe(true);
    });

    it("ends quietly when the conversation is deleted under a reader", async () => {
      const caller = freshCaller();
      const { lease } = await begin(log, caller);
      await log.append(lease, [created(lease)]);
      const items = (await attached(log, caller, lease.turnId))[Symbol.asyncIterator]();
      await items.next();
      const waiting = items.next();
      await bench.conversations.remove(caller, lease.conversationId);
      expect(await log.append(lease, [text("late")])).toBe("fenced");
      expect((await waiting).done).toBe(true);
    });
  });
}
