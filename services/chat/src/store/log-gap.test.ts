import { STORES } from "@forerun/testing/stores";
import { v7 } from "uuid";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
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
import type { GapCause } from "./log-gap.ts";

const DAY_MS = 24 * 3_600_000;

for (const { name, suite, start } of STORES) {
  suite(`what the log does not hold any more, on ${name}`, () => {
    let bench: Awaited<ReturnType<typeof startLog>>;

    beforeAll(async () => {
      bench = await startLog(start);
    });
    afterAll(() => bench[Symbol.asyncDispose]());

    /** The log of a process whose clock stood that many days back. */
    function openOn(daysAgo: number) {
      const now = () => new Date(Date.now() - daysAgo * DAY_MS);
      return openLog(bench.db, { owner: bench.owner, now, newId: () => v7({ msecs: now().getTime() }) });
    }
    async function chunksOf(turnId: string): Promise<number> {
      const count = {
        name: "chunks_of",
        text: "select count(*)::int as n from chat.turn_events where turn_id = $1::uuid",
      };
      const [row] = await bench.db.systemQuery<{ n: number }>("chat_log", count, [turnId]);
      return row?.n ?? 0;
    }
    const spoil = (turnId: string, sequence: number) =>
      bench.raw(
        "update chat.turn_events set data = '\\xffffff'::bytea where turn_id = $1::uuid and $2::int between first_seq and last_seq",
        [turnId, sequence],
      );

    it("drops events of old days, tells readers, and answers from the turn", async () => {
      const caller = freshCaller();
      await using before = await openOn(9);
      const { turnId } = await wholeTurn(before, caller, ["4", "08"]);
      await using recent = await openOn(6);
      const kept = await wholeTurn(recent, caller, ["408"]);
      expect(await chunksOf(turnId)).toBeGreaterThan(0);
      const gaps: GapCause[] = [];
      await using log = await openLog(bench.db, {
        owner: bench.owner,
        eventDays: 7,
        onGap: (cause) => gaps.push(cause),
      });
      expect(await chunksOf(turnId)).toBe(0);
      expect(await chunksOf(kept.turnId)).toBeGreaterThan(0);
      for (const afterSequence of [0, 2]) {
        expect(await readAll(log, caller, turnId, { epoch: 1, afterSequence })).toMatchObject([
          { kind: "snapshot", reason: "LOG_TRUNCATED", turn: { text: "408", state: "completed" } },
          { kind: "event", event: { sequence: 4, body: { kind: "turnCompleted", turn: { text: "408" } } } },
        ]);
      }
      expect(gaps).toEqual(["expired", "expired"]);
      expect(await log.get(caller, turnId)).toMatchObject({ text: "408", lastSequence: 4 });
      expect(await readAll(log, caller, turnId, { epoch: 1, afterSequence: 4 })).toEqual([]);
      expect(eventsIn(await readAll(log, caller, kept.turnId))).toHaveLength(3);
    });

    it("keeps old events of days on which a turn began that is still open, and drops those that no partition took", async () => {
      const caller = freshCaller();
      await using before = await openOn(30);
      const { lease } = await begin(before, caller);
      await before.append(lease, [created(lease)]);
      const stray = v7({ msecs: Date.now() - 40 * DAY_MS });
      await bench.raw(
        "insert into chat.turn_events select $1::uuid, 1, 1, 1, tenant_id, data from chat.turn_events where turn_id = $2::uuid",
        [stray, lease.turnId],
      );
      await using _log = await openLog(bench.db, { owner: bench.owner, eventDays: 7 });
      expect(await chunksOf(lease.turnId)).toBe(1);
      expect(await chunksOf(stray)).toBe(0);
      await before.append(lease, [text("408")]);
      expect(await before.finish(lease, endedTurn(lease))).toBe("durable");
    });

    it("gives a reader of an ended turn what its row says in the place of events that cannot be read", async () => {
      const caller = freshCaller();
      const { turnId } = await wholeTurn(bench.log, caller, ["4", "0", "8"]);
      await spoil(turnId, 3);
      const items = await readAll(bench.log, caller, turnId);
      expect(items.map((item) => (item.kind === "event" ? item.event.sequence : item.kind))).toEqual([
        1,
        2,
        "snapshot",
        5,
      ]);
      expect(items.at(2)).toMatchObject({ reason: "LOG_TRUNCATED", turn: { text: "408" } });
      expect(await bench.log.get(caller, turnId)).toMatchObject({ state: "completed", text: "408" });
    });

    it("goes on with a running turn behind events that cannot be read", async () => {
      const caller = freshCaller();
      const { lease } = await begin(bench.log, caller);
      await bench.log.append(lease, [created(lease)]);
      await bench.log.append(lease, [text("4")]);
      await spoil(lease.turnId, 2);
      // Another process, which has no events in memory.
      await using elsewhere = await openLog(bench.db, { owner: bench.owner });
      const reading = readAll(elsewhere, caller, lease.turnId);
      await bench.log.append(lease, [text("08")]);
      await bench.log.finish(lease, endedTurn(lease));
      const kinds = (await reading).map((item) => (item.kind === "event" ? item.event.body.kind : item.kind));
      expect(kinds.slice(0, 2)).toEqual(["turnCreated", "snapshot"]);
      expect(kinds.at(-1)).toBe("turnCompleted");
      expect(kinds.filter((kind) => kind === "turnCompleted")).toHaveLength(1);
    });

    it("ends a dead owner's turn whose events cannot be read as failed(internal), and the others' as ever", async () => {
      const caller = freshCaller();
      const spoilt = (await begin(bench.log, caller)).lease;
      await bench.log.append(spoilt, [created(spoilt), text("4")]);
      await spoil(spoilt.turnId, 1);
      const sound = (await begin(bench.log, caller)).lease;
      await bench.log.append(sound, [created(sound)]);
      const gaps: GapCause[] = [];
      await using next = await openLog(bench.db, { onGap: (cause) => gaps.push(cause) });
      expect(await next.get(caller, spoilt.turnId)).toMatchObject({
        state: "failed",
        errorCode: "internal",
        retryable: false,
        lastSequence: 3,
      });
      expect(await next.get(caller, sound.turnId)).toMatchObject({
        state: "failed",
        errorCode: "unavailable",
        retryable: true,
      });
      expect(gaps).toEqual(["unreadable"]);
    });
  });
}
