import { setTimeout } from "node:timers/promises";
import { type RunningPostgres, startPostgres } from "@forerun/components/postgres";
import type { Database } from "@forerun/db/database";
import { DisposalStack } from "@forerun/runtime/disposal";
import { skipWithout } from "@forerun/testing/skip-without";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type FlakyProxy, startFlakyProxy } from "./fixtures/flaky-proxy.ts";
import {
  begin,
  created,
  endedTurn,
  eventsIn,
  freshCaller,
  openChatDatabase,
  openLog,
  readAll,
  text,
} from "./fixtures/log-bench.ts";
import type { StoredTurnLog } from "./turn-log.ts";

const HOLD_MS = 400;

/** Written on another connection, so that it is seen whatever the proxy does. */
async function untilCommitted(db: Database, turnId: string, count: number): Promise<void> {
  const stored = {
    name: "stored",
    text: "select max(last_seq) as n from chat.turn_events where turn_id = $1::uuid",
  };
  for (;;) {
    const [row] = await db.systemQuery<{ n: number | null }>("chat_log", stored, [turnId]);
    if ((row?.n ?? 0) >= count) return;
  }
}

skipWithout("postgres")("the turn log while Postgres is away", () => {
  let postgres: RunningPostgres;
  let direct: Database;
  let proxy: FlakyProxy;
  let log: StoredTurnLog;
  let stack: DisposalStack;

  beforeAll(async () => {
    postgres = await startPostgres();
    direct = await openChatDatabase({ url: postgres.url });
  });
  afterAll(async () => {
    await direct[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    stack = new DisposalStack();
    proxy = stack.use(await startFlakyProxy(postgres.url));
    const db = stack.use(await openChatDatabase({ url: proxy.url }));
    log = stack.use(await openLog(db, { holdMs: HOLD_MS }));
  });
  afterEach(() => stack[Symbol.asyncDispose]());

  it("holds events back and goes on where it stopped when it is back in time", async () => {
    const caller = freshCaller();
    const { lease } = await begin(log, caller);
    await log.append(lease, [created(lease)]);
    proxy.cut();
    const held = ["a", "b", "c"].map((word) => log.append(lease, [text(word)]));
    proxy.restore();
    expect(await Promise.all(held)).toEqual(["durable", "durable", "durable"]);
    expect(await log.finish(lease, endedTurn(lease))).toBe("durable");
    const events = eventsIn(await readAll(log, caller, lease.turnId));
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, at) => at + 1));
    const told = events.flatMap(({ body }) => (body.kind === "outputTextDelta" ? [body.text] : []));
    expect(told.join("")).toBe("abc");
    expect(events.at(-1)?.body.kind).toBe("turnCompleted");
  });

  it("writes an event once though the commit's answer never came", async () => {
    const caller = freshCaller();
    const { lease } = await begin(log, caller);
    await log.append(lease, [created(lease)]);
    const muted = proxy.muteAtNextWord();
    const unsure = log.append(lease, [text("once")]);
    await muted;
    await untilCommitted(direct, lease.turnId, 2);
    proxy.cut();
    proxy.restore();
    expect(await unsure).toBe("durable");
    await log.finish(lease, endedTurn(lease));
    const events = eventsIn(await readAll(log, caller, lease.turnId));
    expect(events.map(({ body }) => body.kind)).toEqual(["turnCreated", "outputTextDelta", "turnCompleted"]);
  });

  it("ends a turn once though the end's answer never came", async () => {
    const caller = freshCaller();
    const { lease } = await begin(log, caller);
    await log.append(lease, [created(lease)]);
    const muted = proxy.muteAtNextWord();
    const unsure = log.finish(lease, endedTurn(lease));
    await muted;
    // The commit is a word of its own, which needs the answers before it: this end did not get through.
    proxy.cut();
    proxy.restore();
    expect(await unsure).toBe("durable");
    const events = eventsIn(await readAll(log, caller, lease.turnId));
    expect(events.map(({ body }) => body.kind)).toEqual(["turnCreated", "turnCompleted"]);
    const { history } = await begin(log, caller, { conversationId: lease.conversationId });
    expect(history.map(({ role }) => role)).toEqual(["user", "assistant"]);
  });

  it("stops a turn whose store stays away, and ends it as failed(unavailable) when it is back", async () => {
    const caller = freshCaller();
    const { lease } = await begin(log, caller);
    await log.append(lease, [created(lease), text("half")]);
    proxy.cut();
    expect(await log.append(lease, [text("lost")])).toBe("fenced");
    expect(await log.finish(lease, endedTurn(lease))).toBe("fenced");
    proxy.restore();
    const events = eventsIn(await readAll(log, caller, lease.turnId));
    expect(events.map(({ sequence, body }) => [sequence, body.kind])).toEqual([
      [1, "turnCreated"],
      [2, "outputTextDelta"],
      [3, "turnFailed"],
    ]);
    expect(await log.get(caller, lease.turnId)).toMatchObject({
      state: "failed",
      errorCode: "unavailable",
      text: "half",
    });
  });

  it("does not keep a driver waiting for an end that cannot be stored, and stores it when it is back", async () => {
    const caller = freshCaller();
    const { lease } = await begin(log, caller);
    await log.append(lease, [created(lease)]);
    proxy.cut();
    await expect(log.finish(lease, endedTurn(lease, { text: "408" }))).rejects.toThrow(
      "could not be stored yet",
    );
    proxy.restore();
    const events = eventsIn(await readAll(log, caller, lease.turnId));
    expect(events.map(({ body }) => body.kind)).toEqual(["turnCreated", "turnCompleted"]);
    expect(await log.get(caller, lease.turnId)).toMatchObject({ state: "completed", text: "408" });
  });

  it("ends a turn that it gives up though an append of it still holds its row", async () => {
    const caller = freshCaller();
    const { lease } = await begin(log, caller);
    await log.append(lease, [created(lease)]);
    const share = { name: "share", text: "select id from chat.turns where id = $1::uuid for share" };
    await direct.system("chat_log", async (query) => {
      await query(share, [lease.turnId]);
      log.abandon(lease);
      await setTimeout(200);
    });
    const events = eventsIn(await readAll(log, caller, lease.turnId));
    expect(events.map(({ body }) => body.kind)).toEqual(["turnCreated", "turnFailed"]);
  });

  it("does not wait for ever for a server that hears and never answers", async () => {
    await using db = await openChatDatabase({ url: proxy.url }, { replyMs: 200 });
    const statement = { name: "turns", text: "select id from chat.turns" };
    const muted = proxy.muteAtNextWord();
    const asked = db.query(freshCaller(), statement);
    await muted;
    await expect(asked).rejects.toMatchObject({ code: "FR-E1104", status: "unavailable" });
  });

  it("tells no client where the store is", async () => {
    proxy.cut();
    const refused = begin(log, freshCaller());
    await expect(refused).rejects.toMatchObject({ code: "FR-E1104" });
    await refused.catch((error: Error) => expect(error.message).not.toMatch(/127\.0\.0\.1|ECONN|:\d/));
  });

  it("refuses a new turn as unavailable and stores nothing of it", async () => {
    const caller = freshCaller();
    proxy.cut();
    await expect(begin(log, caller)).rejects.toMatchObject({ code: "FR-E1104", status: "unavailable" });
    proxy.restore();
    expect(await log.list(caller, undefined, 5, undefined)).toMatchObject({ items: [] });
  });
});
