/** Replicas that share one Postgres and one bus: who drives a turn may go, and nobody who follows it notices more than a reset. */
import { setTimeout as sleep } from "node:timers/promises";
import { type RunningPostgres, startPostgres } from "@forerun/components/postgres";
import { skipWithout } from "@forerun/testing/skip-without";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { Collaborators } from "./collaborators.ts";
import { BUSES, type Connections } from "./fixtures/buses.ts";
import { call, decision, hang, ONE_CALL } from "./fixtures/driven-turn.ts";
import { QUESTION, type ReplicaParts, startReplica, type TestReplica } from "./fixtures/replica.ts";
import { attached, eventsIn, freshCaller, NEVER, readAll, START } from "./store/fixtures/log-bench.ts";
import type { TurnEvent } from "./turn-event.ts";

/** Services that all replicas share, and what was asked of them. */
function countedServices(over: Partial<Collaborators> = {}) {
  const asked = { route: 0, execute: [] as string[], generate: 0 };
  const services: Partial<Collaborators> = {
    async *route() {
      asked.route += 1;
      yield { kind: "decided", decision: decision([call("c1"), call("c2", { n: 2 })]), usage: ONE_CALL };
    },
    async *execute({ callId }, _turnId, { attempt = 1 }) {
      asked.execute.push(`${callId} ${attempt}`);
      yield { kind: "accepted", writes: false };
      yield { kind: "result", output: { value: 408 }, rendered: "It is 408.", truncated: false };
    },
    async *generate(_question, { signal }) {
      asked.generate += 1;
      yield { kind: "text", text: "It is " };
      // The first owner never gets further.
      if (asked.generate === 1) await hang(signal);
      yield { kind: "text", text: "408." };
      yield { kind: "done", finish: "stop", usage: ONE_CALL };
    },
    ...over,
  };
  return { asked, services };
}

for (const { name, suite, start } of BUSES) {
  suite(`replicas of chat over ${name}`, () =>
    skipWithout("postgres")("on Postgres", () => replicasOver(start)));
}

function replicasOver(startBus: () => Promise<Connections>): void {
  let postgres: RunningPostgres;
  let bus: Connections;
  const started: TestReplica[] = [];

  beforeAll(async () => {
    [postgres, bus] = await Promise.all([startPostgres(), startBus()]);
  });
  afterAll(async () => {
    await bus[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
  });
  afterEach(async () => {
    for (const replica of started.splice(0)) await replica[Symbol.asyncDispose]();
  });

  async function replica(parts: Partial<ReplicaParts> = {}): Promise<TestReplica> {
    const one = await startReplica({ url: postgres.url, bus: await bus.connect(), ...parts });
    started.push(one);
    return one;
  }

  it("take over the turn of one that is gone, and repeat nothing that has ended", async () => {
    const { asked, services } = countedServices();
    const caller = freshCaller();
    const first = await replica({ services });
    const second = await replica({ services });
    const turnId = await first.ask(caller);
    await until(first, caller, turnId, ({ body }) => body.kind === "outputTextDelta");
    first.freeze();
    const since = performance.now();
    const events = eventsIn(await readAll(second.log, caller, turnId));
    console.log(`takeover and end after ${Math.round(performance.now() - since)} ms with a lease of 1.5 s`);
    expect(kindsOf(events, 2)[0]).toBe("outputReset");
    expect(kindsOf(events, 2)).not.toContain("routeDecided");
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, at) => at + 1));
    expect(asked).toEqual({ route: 1, execute: ["c1 1", "c2 1"], generate: 2 });
    expect(await second.log.get(caller, turnId)).toMatchObject({
      state: "completed",
      text: "It is 408.",
      epoch: 2,
    });
  });

  it("let one that was frozen write nothing more when it thaws", async () => {
    const { services } = countedServices();
    const caller = freshCaller();
    const first = await replica({ services });
    const second = await replica({ services });
    const turnId = await first.ask(caller);
    await until(first, caller, turnId, ({ body }) => body.kind === "outputTextDelta");
    first.freeze();
    const before = eventsIn(await readAll(second.log, caller, turnId));
    first.thaw();
    await first.turns.drain(5_000);
    expect(await first.turns.stop(caller.tenant, turnId, "user")).toBeUndefined();
    expect(eventsIn(await readAll(second.log, caller, turnId))).toEqual(before);
    expect(eventsIn(await readAll(first.log, caller, turnId))).toEqual(before);
    expect(before.filter(({ body }) => body.kind === "turnCompleted")).toHaveLength(1);
  });

  it("ask again, as such, for a call that may have been made, and for no other", async () => {
    const made: string[] = [];
    const { services } = countedServices({
      async *execute({ callId }, _turnId, { signal, attempt = 1 }) {
        made.push(`${callId} ${attempt}`);
        yield { kind: "accepted", writes: true };
        if (callId === "c2" && attempt === 1) await hang(signal);
        yield { kind: "result", output: 1, rendered: "", truncated: false };
      },
      async *generate() {
        yield { kind: "text", text: "done" };
        yield { kind: "done", finish: "stop", usage: ONE_CALL };
      },
    });
    const caller = freshCaller();
    const first = await replica({ services });
    const second = await replica({ services });
    const turnId = await first.ask(caller);
    await until(first, caller, turnId, ({ body }) => body.kind === "toolCallOutput");
    first.freeze();
    await readAll(second.log, caller, turnId);
    expect(made).toEqual(["c1 1", "c2 1", "c2 2"]);
    const stopped = await second.stopTurn(caller, turnId, "user", NEVER);
    expect(stopped).toEqual({ stoppedCallIds: [], effectedCallIds: [] });
    const turn = await second.log.get(caller, turnId);
    expect(turn?.toolCalls.map(({ effected }) => effected)).toEqual([true, true]);
  });

  it("end a turn on another's word, and say what that stopped", async () => {
    const { services } = countedServices({
      async *execute({ callId }, _turnId, { signal }) {
        yield { kind: "accepted", writes: callId === "c1" };
        if (callId === "c2") await hang(signal);
        yield { kind: "result", output: 1, rendered: "", truncated: false };
      },
    });
    const caller = freshCaller();
    const first = await replica({ services });
    const second = await replica({ services });
    const turnId = await first.ask(caller);
    await until(first, caller, turnId, ({ body }) => body.kind === "toolCallOutput");
    const since = performance.now();
    const stopped = await second.stopTurn(caller, turnId, "user", NEVER);
    console.log(`cancelled on another replica in ${(performance.now() - since).toFixed(1)} ms`);
    expect(stopped).toEqual({ stoppedCallIds: ["c2"], effectedCallIds: ["c1"] });
    expect(await second.log.get(caller, turnId)).toMatchObject({ state: "cancelled", reason: "user" });
    expect(await second.stopTurn(freshCaller(), turnId, "user", NEVER)).toBeUndefined();
  });

  it("end a turn whose owner does not answer once they have taken it over", async () => {
    const { asked, services } = countedServices();
    const caller = freshCaller();
    const first = await replica({ services });
    const second = await replica({ services });
    const turnId = await first.ask(caller);
    await until(first, caller, turnId, ({ body }) => body.kind === "outputTextDelta");
    first.freeze();
    await second.stopTurn(caller, turnId, "user", NEVER);
    expect(await second.log.get(caller, turnId)).toMatchObject({
      state: "cancelled",
      reason: "user",
      epoch: 2,
    });
    expect(asked.generate).toBe(1);
  });

  it("end what each of four owners has left without an end", async () => {
    const { asked, services } = countedServices({
      async *generate(_question, { signal }) {
        asked.generate += 1;
        yield { kind: "text", text: "It is " };
        await hang(signal);
      },
    });
    const caller = freshCaller();
    let last = await replica({ services });
    const turnId = await last.ask(caller);
    for (let epoch = 1; epoch <= 4; epoch += 1) {
      await until(
        last,
        caller,
        turnId,
        ({ body, epoch: of }) => of === epoch && body.kind === "outputTextDelta",
      );
      const next = await replica({ services });
      last.freeze();
      last = next;
    }
    const events = eventsIn(await readAll(last.log, caller, turnId));
    expect(events.at(-1)?.body).toMatchObject({
      kind: "turnFailed",
      turn: { errorCode: "unavailable", epoch: 4 },
    });
  }, 30_000);

  it("leave each other's turns alone when the store was away for all of them", async () => {
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const { asked, services } = countedServices({
      async *generate() {
        asked.generate += 1;
        yield { kind: "text", text: "It is " };
        await finished;
        yield { kind: "text", text: "408." };
        yield { kind: "done", finish: "stop", usage: ONE_CALL };
      },
    });
    const caller = freshCaller();
    const both = [await replica({ services }), await replica({ services })] as const;
    const [first, second] = both;
    const turnId = await first.ask(caller);
    await until(first, caller, turnId, ({ body }) => body.kind === "outputTextDelta");
    for (const one of both) one.freeze();
    await sleep(2_000);
    for (const one of both) one.thaw();
    await sleep(1_000);
    finish();
    const events = eventsIn(await readAll(second.log, caller, turnId));
    expect(events.at(-1)?.body).toMatchObject({
      kind: "turnCompleted",
      turn: { epoch: 1, text: "It is 408." },
    });
    expect(asked.generate).toBe(1);
  });

  it("know a request by its key, whoever began its turn", async () => {
    const { services } = countedServices();
    const caller = freshCaller();
    const first = await replica({ services });
    const second = await replica({ services });
    const request = { ...QUESTION, idempotencyKey: "k1", requestHash: "one" };
    const begun = await first.turns.start(caller, request, NEVER);
    const again = await second.turns.start(caller, request, NEVER);
    expect(again).toEqual({ kind: "replayed", turnId: (begun as { turnId: string }).turnId });
    expect(await second.turns.start(caller, { ...request, requestHash: "other" }, NEVER)).toEqual({
      kind: "key_reused",
    });
    expect(await second.log.find(caller, "k1", "one")).toMatchObject({ kind: "found" });
  });

  it("end at a start what nobody lives to take over", async () => {
    const { services } = countedServices();
    const caller = freshCaller();
    const first = await replica({ services });
    const turnId = await first.ask(caller);
    await until(first, caller, turnId, ({ body }) => body.kind === "outputTextDelta");
    first.freeze();
    await sleep(1_600);
    const second = await replica({ services });
    expect(await second.log.get(caller, turnId)).toMatchObject({
      state: "failed",
      errorCode: "unavailable",
      epoch: 1,
    });
  });

  it("count live messages that cannot be read, and read on", async () => {
    const { services } = countedServices();
    const caller = freshCaller();
    const first = await replica({ services });
    const second = await replica();
    const turnId = await first.ask(caller);
    const reading = readAll(second.log, caller, turnId);
    await until(second, caller, turnId, ({ body }) => body.kind === "outputTextDelta");
    const { bus: foreign, subjects } = await bus.connect();
    const subject = subjects.live(caller.tenant, turnId);
    for (const byte of [0xff, 0x00, 0x1a]) foreign.publish(subject, new Uint8Array([byte, 0xff, 0xff]));
    await first.turns.stop(caller.tenant, turnId, "user");
    const events = eventsIn(await reading);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, at) => at + 1));
    expect(second.unread.map(({ kind }) => kind)).toEqual(["dropped", "dropped", "dropped"]);
  });
}

function kindsOf(events: readonly TurnEvent[], epoch: number): string[] {
  return events.filter((event) => event.epoch === epoch).map(({ body }) => body.kind);
}

/** Follows the turn until an event is such. */
async function until(
  { log }: TestReplica,
  caller: Parameters<typeof readAll>[1],
  turnId: string,
  isSuch: (event: TurnEvent) => boolean,
): Promise<void> {
  for await (const item of await attached(log, caller, turnId, START)) {
    if (item.kind === "event" && isSuch(item.event)) return;
  }
  throw new Error("the turn ended before");
}
