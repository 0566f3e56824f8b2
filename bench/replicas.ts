/**
 * Turns across two replicas of chat on one Postgres and one NATS, both in this process: how soon a word is read on the other
 * replica, a thousand readers at once, a cancel there, a takeover, and what it costs to hear of a turn. The owner's own readers
 * are the reference.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type OpenedBus, openBus } from "@forerun/bus/open-bus";
import { type ReplicaParts, startReplica, type TestReplica } from "@forerun/chat/fixtures/replica";
import { busFeed } from "@forerun/chat/live-feed-wire";
import type { TurnLease } from "@forerun/chat/ports";
import {
  attached,
  begin,
  callerOf,
  created,
  endedTurn,
  NEVER,
  text,
} from "@forerun/chat/store/fixtures/log-bench";
import { startNats } from "@forerun/components/nats";
import { startPostgres } from "@forerun/components/postgres";
import { DisposalStack } from "@forerun/runtime/disposal";
import { type Measurement, quantile, summary } from "./measurement.ts";

const CALLER = callerOf("bench");
const WORDS = 300;
const READERS = 1_000;
const CANCELS = 50;
const TAKEOVERS = 5;
const SUBSCRIPTIONS = 2_000;
const LEASE_MS = 1_500;

type Line = Omit<Measurement, "bench" | "ratio"> & { ratio?: number };

export async function* run(): AsyncGenerator<Measurement> {
  const stack = new DisposalStack();
  try {
    const postgres = stack.use(await startPostgres());
    const nats = stack.use(await startNats());
    const connect = async () => {
      const settings = { env: "bench", lane: "default", name: "chat", observe: () => {} };
      const opened = await openBus({ ...settings, url: nats.url });
      stack.use(opened.bus);
      return opened;
    };
    const replica = async (parts: Partial<ReplicaParts> = {}) =>
      stack.use(await startReplica({ url: postgres.url, bus: await connect(), leaseMs: LEASE_MS, ...parts }));
    const [owner, other] = [await replica(), await replica()];
    yield* words(owner, other);
    yield line(await thousandReaders(owner, other));
    yield line(await cancels(await replica({ services: endless() }), other));
    yield line(await takeovers(replica));
    yield* hearing(await connect(), await connect());
  } finally {
    await stack[Symbol.asyncDispose]();
  }
}

function line({ ratio, ...rest }: Line): Measurement {
  return { bench: "replicas", ratio: ratio ?? null, ...rest };
}

/** From the moment a word is handed to the log until a reader has it, one word at a time. */
async function* words(owner: TestReplica, other: TestReplica): AsyncGenerator<Measurement> {
  const here = summary(await wordTimes(owner, owner));
  const there = summary(await wordTimes(owner, other));
  const common = { metric: "word_to_reader", unit: "ms", reference: here.median };
  yield line({ case: "on the owner", ...common, ...here, ratio: 1, aim: null, met: null });
  const met = there.median - here.median <= 2;
  yield line({
    case: "on another replica",
    ...common,
    ...there,
    ratio: there.median / here.median,
    aim: "<= 2 ms more",
    met,
  });
}

async function wordTimes(owner: TestReplica, reader: TestReplica): Promise<number[]> {
  const { lease } = await begin(owner.log, CALLER);
  await owner.log.append(lease, [created(lease)], "now");
  const times: number[] = [];
  let heard = () => {};
  const reading = (async () => {
    for await (const _ of await attached(reader.log, CALLER, lease.turnId)) heard();
  })();
  for (let word = 0; word < WORDS; word += 1) {
    await sleep(2);
    const since = performance.now();
    const read = new Promise<void>((resolve) => {
      heard = resolve;
    });
    void owner.log.append(lease, [text("word ")], "now");
    await read;
    times.push(performance.now() - since);
  }
  await owner.log.finish(lease, endedTurn(lease));
  await reading;
  return times.slice(WORDS / 10);
}

/** A running turn with a hundred events, attached to a thousand times at once: until each reader has the first of them. */
async function thousandReaders(owner: TestReplica, other: TestReplica): Promise<Line> {
  const { lease } = await begin(owner.log, CALLER);
  await write(owner, lease, 100);
  const leave = new AbortController();
  const times = await Promise.all(
    Array.from({ length: READERS }, async () => {
      const since = performance.now();
      const { signal } = leave;
      for await (const _ of await attached(other.log, CALLER, lease.turnId, undefined, signal)) break;
      return performance.now() - since;
    }),
  );
  leave.abort();
  await owner.log.finish(lease, endedTurn(lease));
  const p99 = quantile(
    [...times].sort((a, b) => a - b),
    0.99,
  );
  const common = { case: `${READERS} readers at once, on another replica`, metric: "attach p99", unit: "ms" };
  const aim = "<= 100 ms";
  return { ...common, ...summary(times), median: p99, reference: null, aim, met: p99 <= 100 };
}

async function write({ log }: TestReplica, lease: TurnLease, count: number): Promise<void> {
  await log.append(lease, [created(lease)]);
  for (let word = 0; word < count; word += 1) await log.append(lease, [text("word ")], "now");
}

/** An answer without an end. */
function endless(): NonNullable<ReplicaParts["services"]> {
  return {
    async *generate(_question, { signal }) {
      yield { kind: "text", text: "It is " };
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      throw signal.reason;
    },
  };
}

async function cancels(owner: TestReplica, other: TestReplica): Promise<Line> {
  const times: number[] = [];
  for (let turn = 0; turn < CANCELS; turn += 1) {
    const turnId = await owner.ask(CALLER);
    await firstText(owner, turnId);
    const since = performance.now();
    await other.stopTurn(CALLER, turnId, "user", NEVER);
    times.push(performance.now() - since);
  }
  const took = summary(times);
  const common = { case: "a turn of another replica", metric: "cancel", unit: "ms", reference: null };
  return { ...common, ...took, aim: "<= 10 ms", met: took.median <= 10 };
}

/** From an owner's last sign of life until a reader elsewhere sees the reset. */
async function takeovers(replica: (parts?: Partial<ReplicaParts>) => Promise<TestReplica>): Promise<Line> {
  const times: number[] = [];
  for (let round = 0; round < TAKEOVERS; round += 1) {
    const dying = await replica({ services: endless() });
    const survivor = await replica({ services: endless() });
    const turnId = await dying.ask(CALLER);
    await firstText(dying, turnId);
    await sleep(Math.random() * 500);
    dying.freeze();
    const since = performance.now();
    for await (const item of await attached(survivor.log, CALLER, turnId)) {
      if (item.kind === "event" && item.event.body.kind === "outputReset") break;
    }
    times.push(performance.now() - since);
    await dying[Symbol.asyncDispose]();
    await survivor[Symbol.asyncDispose]();
  }
  const took = summary(times);
  const common = { case: `a lease of ${LEASE_MS} ms`, metric: "takeover", unit: "ms", reference: null };
  return { ...common, ...took, aim: "<= 2000 ms", met: took.max <= 2_000 };
}

async function firstText({ log }: TestReplica, turnId: string): Promise<void> {
  for await (const item of await attached(log, CALLER, turnId)) {
    if (item.kind === "event" && item.event.body.kind === "outputTextDelta") return;
  }
}

/** CPU of this process: to begin and end hearing of one turn, and to hear one message of a turn that nobody reads here. */
async function* hearing(from: OpenedBus, to: OpenedBus): AsyncGenerator<Measurement> {
  const topic = () => ({ tenant: CALLER.tenant, turnId: randomUUID(), traceId: "" });
  const [speaks, hears] = [busFeed(from), busFeed(to)];
  const subscribing = await cpuOf(SUBSCRIPTIONS, async () => {
    const leave = new AbortController();
    await hears.follow(topic(), () => {}, leave.signal);
    leave.abort();
  });
  const watched = topic();
  const leave = new AbortController();
  let heard = () => {};
  await hears.follow(watched, () => heard(), leave.signal);
  const chunk = { epoch: 1, firstSequence: 1, data: new Uint8Array() };
  const message = await cpuOf(SUBSCRIPTIONS, () => {
    const arrived = new Promise<void>((resolve) => {
      heard = resolve;
    });
    speaks.publish(watched, chunk);
    return arrived;
  });
  leave.abort();
  const common = { metric: "cpu", unit: "µs", reps: SUBSCRIPTIONS, reference: message, aim: null, met: null };
  yield line({ case: "to say and hear one message", ...common, ...spread(message), ratio: 1 });
  const ratio = subscribing / message;
  yield line({ case: "to begin and end hearing of a turn", ...common, ...spread(subscribing), ratio });
}

function spread(value: number): Pick<Measurement, "median" | "min" | "max"> {
  return { median: value, min: value, max: value };
}

/** Microseconds of CPU a run. */
async function cpuOf(times: number, work: () => Promise<void>): Promise<number> {
  for (let at = 0; at < times / 10; at += 1) await work();
  const before = process.cpuUsage();
  for (let at = 0; at < times; at += 1) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / times;
}
