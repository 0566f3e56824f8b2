/** What readers on one replica get of turns that another writes, over a bus that loses messages. */
import type { Bus } from "@forerun/bus/bus";
import { InProcessBus } from "@forerun/bus/in-process-bus";
import { openBus } from "@forerun/bus/open-bus";
import { type RunningPostgres, startPostgres } from "@forerun/components/postgres";
import type { Caller } from "@forerun/runtime/caller";
import { DisposalStack } from "@forerun/runtime/disposal";
import { skipWithout } from "@forerun/testing/skip-without";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startReplica, type TestReplica } from "./fixtures/replica.ts";
import type { TurnLease } from "./ports.ts";
import {
  attached,
  begin,
  created,
  endedTurn,
  eventsIn,
  freshCaller,
  readAll,
  text,
} from "./store/fixtures/log-bench.ts";
import type { TurnEvent } from "./turn-event.ts";

const WORDS = 40;
const SEED = 20_261_124;

skipWithout("postgres")("a turn that another replica writes", () => {
  const resources = new DisposalStack();
  let postgres: RunningPostgres;
  let owner: TestReplica;
  let other: TestReplica;
  let lost = 0;

  beforeAll(async () => {
    postgres = resources.use(await startPostgres());
    const bus = {
      ...(await openBus({ url: undefined, env: "test", lane: "default", name: "chat", observe: () => {} })),
      bus: resources.use(lossy(new InProcessBus(), () => (lost += 1))),
    };
    owner = resources.use(await startReplica({ url: postgres.url, bus }));
    other = resources.use(await startReplica({ url: postgres.url, bus }));
  });
  afterAll(() => resources[Symbol.asyncDispose]());

  it("gives 600 readers who attach at any moment the same events, though 2 % of the messages are lost", async () => {
    const moments = fc.sample(fc.array(fc.nat(WORDS), { minLength: 20, maxLength: 20 }), {
      seed: SEED,
      numRuns: 30,
    });
    await Promise.all(
      moments.map(async (attaching) => {
        const caller = freshCaller();
        const { lease } = await begin(owner.log, caller);
        const readings: Promise<TurnEvent[]>[] = [];
        await write(owner, lease, (step) => {
          for (const at of attaching) if (at === step) readings.push(events(other, caller, lease.turnId));
        });
        const whole = await events(owner, caller, lease.turnId);
        const read = await Promise.all(readings);
        expect(read).toHaveLength(attaching.length);
        for (const one of read) expect(one).toEqual(whole);
      }),
    );
    console.log(`600 attaches, ${lost} live messages lost`);
    expect(lost).toBeGreaterThan(0);
  }, 60_000);

  it("goes on where it was cut, on whichever replica: 200 streams are the same events in the end", async () => {
    const cuts = fc.sample(fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 }), {
      seed: SEED,
      numRuns: 200,
    });
    const caller = freshCaller();
    const { lease } = await begin(owner.log, caller);
    let streams: Promise<TurnEvent[][]> = Promise.resolve([]);
    await write(owner, lease, (step) => {
      if (step === 0) streams = Promise.all(cuts.map((lengths) => inPieces(caller, lease.turnId, lengths)));
    });
    const whole = await events(owner, caller, lease.turnId);
    const read = await streams;
    expect(read).toHaveLength(cuts.length);
    for (const one of read) expect(one).toEqual(whole);
  }, 60_000);

  /** Reads as many events as the lengths say, each piece on the other replica than the one before, and then the rest. */
  async function inPieces(caller: Caller, turnId: string, lengths: readonly number[]): Promise<TurnEvent[]> {
    const read: TurnEvent[] = [];
    for (const [at, length] of [...lengths, Number.POSITIVE_INFINITY].entries()) {
      const last = read.at(-1);
      const cursor = { epoch: last?.epoch ?? 0, afterSequence: last?.sequence ?? 0 };
      let left = length;
      for await (const item of await attached((at % 2 === 0 ? other : owner).log, caller, turnId, cursor)) {
        if (item.kind === "event") read.push(item.event);
        left -= 1;
        if (left === 0) break;
      }
    }
    return read;
  }
});

/** Writes a turn word by word; `before` is told of each step. */
async function write({ log }: TestReplica, lease: TurnLease, before: (step: number) => void): Promise<void> {
  for (let step = 0; step <= WORDS; step += 1) {
    before(step);
    await log.append(lease, [step === 0 ? created(lease) : text(`${step} `)]);
  }
  await log.finish(lease, endedTurn(lease));
}

async function events({ log }: TestReplica, caller: Caller, turnId: string): Promise<TurnEvent[]> {
  return eventsIn(await readAll(log, caller, turnId));
}

/** Loses every fiftieth of what is published, by chance that is the same each time. */
function lossy(bus: InProcessBus, onLost: () => void): Bus {
  let state = SEED;
  return {
    maxPayloadBytes: bus.maxPayloadBytes,
    publish(subject, data, options) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      if (state / 2 ** 32 < 0.02) onLost();
      else bus.publish(subject, data, options);
    },
    subscribe: (pattern, options) => bus.subscribe(pattern, options),
    request: (subject, data, options) => bus.request(subject, data, options),
    drain: () => bus.drain(),
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  };
}
