import { STORES } from "@forerun/testing/stores";
import { v7 } from "uuid";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { BeginOutcome, NewTurn, TurnLease } from "../ports.ts";
import {
  attached,
  begin,
  created,
  endedTurn,
  eventsIn,
  freshCaller,
  newTurn,
  openLog,
  readAll,
  startLog,
  text,
} from "./fixtures/log-bench.ts";
import { QueueDriver } from "./fixtures/queue-driver.ts";

for (const { name, suite, start } of STORES) {
  suite(`turns of a busy conversation on ${name}`, () => {
    let bench: Awaited<ReturnType<typeof startLog>>;
    let driver: QueueDriver;
    let caller: ReturnType<typeof freshCaller>;

    beforeAll(async () => {
      bench = await startLog(start);
    });
    afterAll(() => bench[Symbol.asyncDispose]());
    beforeEach(() => {
      driver = new QueueDriver();
      bench.log.drivenBy(driver);
      caller = freshCaller();
    });

    async function add(conversationId: string, over: Partial<NewTurn>): Promise<BeginOutcome> {
      return bench.log.begin(caller, newTurn({ conversationId, ...over }));
    }
    async function enqueue(conversationId: string, over: Partial<NewTurn> = {}): Promise<string> {
      const outcome = await add(conversationId, { policy: "enqueue", ...over });
      if (outcome.kind !== "queued") throw new Error(`the turn does not wait: ${outcome.kind}`);
      return outcome.turnId;
    }
    async function end(lease: TurnLease, over: Parameters<typeof endedTurn>[1] = {}): Promise<void> {
      expect(await bench.log.finish(lease, endedTurn(lease, over))).toBe("durable");
    }
    async function saidIn(conversationId: string): Promise<string[]> {
      const page = await bench.conversations.messages(caller, conversationId, 100, undefined);
      if (page?.kind !== "page") throw new Error("no messages");
      return page.items.map((message) => `${message.role}: ${message.text}`);
    }

    it("lets turns wait and starts them in the order of their arrival, with what was said before", async () => {
      const { lease } = await begin(bench.log, caller, { text: "one" });
      const { conversationId } = lease;
      const second = await enqueue(conversationId, { text: "two" });
      const third = await enqueue(conversationId, { text: "three" });
      await end(lease, { text: "1" });
      const two = await driver.turn(second);
      expect(two).toMatchObject({ text: "two", stop: undefined, caller: { tenant: caller.tenant } });
      expect(two.history.map(({ content }) => content)).toEqual(["one", "1"]);
      await end(two.lease, { text: "2" });
      const three = await driver.turn(third);
      expect(three.history.map(({ content }) => content)).toEqual(["one", "1", "two", "2"]);
      await end(three.lease, { text: "3" });
      expect(await saidIn(conversationId)).toEqual([
        "user: one",
        "assistant: 1",
        "user: two",
        "assistant: 2",
        "user: three",
        "assistant: 3",
      ]);
    });

    it("shows a turn that waits as queued, and keeps its message out of the conversation until it starts", async () => {
      const { lease } = await begin(bench.log, caller, { text: "one" });
      const turnId = await enqueue(lease.conversationId, { text: "two" });
      expect(await bench.log.get(caller, turnId)).toMatchObject({ state: "queued", lastSequence: 1 });
      const listed = await bench.log.list(caller, lease.conversationId, 10, undefined);
      expect(listed).toMatchObject({ items: [{ turnId, state: "queued" }, { state: "in_progress" }] });
      expect(await saidIn(lease.conversationId)).toEqual(["user: one"]);
    });

    it("streams a turn that waits from its first event to its last", async () => {
      const { lease } = await begin(bench.log, caller);
      const turnId = await enqueue(lease.conversationId);
      const items = (await attached(bench.log, caller, turnId))[Symbol.asyncIterator]();
      expect((await items.next()).value).toMatchObject({
        event: { sequence: 1, body: { kind: "turnCreated", turn: { state: "queued" } } },
      });
      await end(lease);
      const taken = await driver.turn(turnId);
      await bench.log.append(taken.lease, [text("408")]);
      await end(taken.lease);
      expect((await items.next()).value).toMatchObject({ event: { sequence: 2, epoch: 1 } });
      expect((await items.next()).value).toMatchObject({
        event: { sequence: 3, body: { kind: "turnCompleted" } },
      });
    });

    it("counts a turn's time from its start", async () => {
      const { lease } = await begin(bench.log, caller);
      const deadline = new Date(Date.now() - 60_000);
      const turnId = await enqueue(lease.conversationId, { deadline: new Date(Date.now() + 5_000) });
      await bench.raw(
        "update chat.turns set accepted = accepted - interval '1 hour', deadline = deadline - interval '1 hour' where id = $1::uuid",
        [turnId],
      );
      await end(lease);
      const taken = await driver.turn(turnId);
      expect(taken.lease.deadline.getTime()).toBeGreaterThan(deadline.getTime() + 60_000);
      expect(taken.lease.deadline.getTime()).toBeLessThan(Date.now() + 5_500);
    });

    it("refuses another turn under REJECT while one waits, and any beyond the queue's bound", async () => {
      await using log = await openLog(bench.db, { owner: bench.owner, maxQueued: 2 });
      const { lease } = await begin(log, caller);
      const { conversationId } = lease;
      await enqueue(conversationId);
      await enqueue(conversationId);
      for (const policy of ["enqueue", "interrupt", "rollback"] as const) {
        expect(await log.begin(caller, newTurn({ conversationId, policy }))).toEqual({
          kind: "queue_full",
          limit: 2,
        });
      }
      expect(await add(conversationId, {})).toEqual({ kind: "busy", turnId: lease.turnId });
    });

    it("makes one turn of the same key sent ten times at once to a busy conversation, and replays it afterwards", async () => {
      const { lease } = await begin(bench.log, caller);
      const { conversationId } = lease;
      for (const policy of ["enqueue", "interrupt", "rollback"] as const) {
        const again = () => add(conversationId, { policy, idempotencyKey: policy });
        const outcomes = await Promise.all(Array.from({ length: 10 }, again));
        const ids = outcomes.map((outcome) => "turnId" in outcome && outcome.turnId);
        expect(new Set(ids).size).toBe(1);
        expect(outcomes.filter(({ kind }) => kind === "queued")).toHaveLength(1);
        expect(outcomes.filter(({ kind }) => kind === "replayed")).toHaveLength(9);
      }
      const listed = await bench.log.list(caller, conversationId, 10, undefined);
      expect(listed.kind === "page" && listed.items).toHaveLength(4);
    });

    it("keeps what an interrupted turn had said, and goes before those that wait", async () => {
      const { lease } = await begin(bench.log, caller, { text: "one" });
      const { conversationId } = lease;
      const waiting = await enqueue(conversationId, { text: "later" });
      const outcome = await add(conversationId, { policy: "interrupt", text: "stop that" });
      expect(outcome).toMatchObject({ ends: { turnId: lease.turnId, reason: "interrupt" } });
      await end(lease, { state: "cancelled", reason: "interrupt", text: "half an ans" });
      const taken = await driver.turn(outcome.kind === "queued" ? outcome.turnId : "");
      expect(taken.history.map(({ content }) => content)).toEqual(["one", "half an ans"]);
      await end(taken.lease);
      expect((await driver.turn(waiting)).text).toBe("later");
    });

    it("takes a turn that is rolled back out of the conversation, even one that ended by itself before it heard", async () => {
      const first = await begin(bench.log, caller, { text: "one" });
      const { conversationId } = first.lease;
      await end(first.lease, { text: "1" });
      for (const state of ["cancelled", "completed"] as const) {
        const { lease } = await begin(bench.log, caller, { conversationId, text: "wrong" });
        const outcome = await add(conversationId, { policy: "rollback", text: state });
        expect(await saidIn(conversationId)).not.toContain("user: wrong");
        await end(lease, { state, text: "wrong too" });
        const taken = await driver.turn(outcome.kind === "queued" ? outcome.turnId : "");
        expect(taken.history.map(({ content }) => content)).not.toContain("wrong too");
        await end(taken.lease, { text: "2" });
      }
      expect(await saidIn(conversationId)).toEqual([
        "user: one",
        "assistant: 1",
        "user: cancelled",
        "assistant: 2",
        "user: completed",
        "assistant: 2",
      ]);
    });

    it("ends a turn that waited to interrupt as soon as it starts, when a newer one interrupts it", async () => {
      const { lease } = await begin(bench.log, caller, { text: "one" });
      const { conversationId } = lease;
      const ids: string[] = [];
      for (const policy of ["interrupt", "rollback", "interrupt"] as const) {
        const outcome = await add(conversationId, { policy, text: policy });
        if (outcome.kind === "queued") ids.push(outcome.turnId);
      }
      const stops: unknown[] = [];
      await end(lease, { state: "cancelled", reason: "interrupt", text: "" });
      for (const turnId of ids) {
        const taken = await driver.turn(turnId);
        stops.push(taken.stop);
        await end(taken.lease, { text: "ok" });
      }
      expect(stops).toEqual(["rollback", "interrupt", undefined]);
    });

    it("cancels a turn that waits at once, and leaves no message of it", async () => {
      const { lease } = await begin(bench.log, caller, { text: "one" });
      const turnId = await enqueue(lease.conversationId, { text: "two" });
      expect(await bench.log.requestCancel(freshCaller(), turnId)).toBeUndefined();
      for (const _ of [1, 2]) {
        const request = bench.log.requestCancel(caller, turnId, "disconnect");
        expect(await request).toEqual({ open: false, owner: undefined });
      }
      const events = eventsIn(await readAll(bench.log, caller, turnId));
      expect(events.map(({ sequence, body }) => [sequence, body.kind])).toEqual([
        [1, "turnCreated"],
        [2, "turnCancelled"],
      ]);
      expect(await bench.log.get(caller, turnId)).toMatchObject({ state: "cancelled", reason: "disconnect" });
      await end(lease, { text: "1" });
      expect(await saidIn(lease.conversationId)).toEqual(["user: one", "assistant: 1"]);
      expect(driver.taken).toEqual([]);
    });

    it("starts the next turn behind one that its driver gave up", async () => {
      const { lease } = await begin(bench.log, caller);
      await bench.log.append(lease, [created(lease)]);
      const turnId = await enqueue(lease.conversationId);
      bench.log.abandon(lease);
      expect((await driver.turn(turnId)).lease.conversationId).toBe(lease.conversationId);
    });

    it("leaves turns waiting when the process is to stop, and the next one starts them", async () => {
      const { lease } = await begin(bench.log, caller);
      const turnId = await enqueue(lease.conversationId);
      driver.accepting = false;
      await end(lease);
      expect(await bench.log.get(caller, turnId)).toMatchObject({ state: "queued" });
      await using next = await openLog(bench.db, { owner: v7() });
      const after = new QueueDriver();
      next.drivenBy(after);
      const taken = await after.turn(turnId);
      expect(await next.finish(taken.lease, endedTurn(taken.lease))).toBe("durable");
    });

    it("forgets turns that wait with their conversation", async () => {
      const { lease } = await begin(bench.log, caller);
      const turnId = await enqueue(lease.conversationId);
      expect(await bench.conversations.remove(caller, lease.conversationId)).toBe(true);
      expect(await bench.log.get(caller, turnId)).toBeUndefined();
      expect(await bench.log.finish(lease, endedTurn(lease))).toBe("fenced");
    });

    it("leaves no turn waiting in three hundred races of an end against another turn", async () => {
      const conversations = await Promise.all(Array.from({ length: 300 }, () => begin(bench.log, caller)));
      await Promise.all(
        conversations.map(async ({ lease }) => {
          const adding = add(lease.conversationId, { policy: "enqueue" });
          const [outcome] = await Promise.all([adding, end(lease)]);
          if (outcome.kind === "queued") await driver.turn(outcome.turnId);
          else expect(outcome.kind).toBe("begun");
        }),
      );
      const counted = {
        name: "waiting",
        text: "select count(*) filter (where state = 'queued')::int as queued, count(*) filter (where state = 'running')::int as running from chat.turns",
      };
      expect(await bench.db.query(caller, counted)).toEqual([{ queued: 0, running: 300 }]);
    });
  });
}
