/**
 * What counting a turn ahead costs: to set aside, to ask for more and to settle, in Redis and in the process. A bare round trip to
 * the same Redis is the reference; all ways take turns in one process, so that a busy machine slows all alike.
 */
import { startRedis } from "@forerun/components/redis";
import type { Ledger } from "@forerun/quota/ledger";
import { Meter } from "@forerun/quota/meter";
import { openLedger } from "@forerun/quota/open-ledger";
import { openRedis } from "@forerun/redis/open-redis";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { DisposalStack } from "@forerun/runtime/disposal";
import { silentLogger } from "@forerun/runtime/logger";
import { createMetrics } from "@forerun/telemetry/metrics";
import { type Measurement, summary } from "./measurement.ts";

const ROUNDS = 7;
const TURNS = 300;
/** Of a day of 10¹² tokens, so that nothing is refused. */
const METERS = Meter.of(LOCAL_CALLER, { kind: "tenant" }, { tokens: 1e12, period: "day" });
const RECORD = { usedSince: async () => 0, processes: async () => 1 };

type Way = Readonly<{ name: string; once(id: string): Promise<unknown> }>;

export async function* run(): AsyncGenerator<Measurement> {
  await using stack = new DisposalStack();
  const { ways, roundTrips } = await openWays(stack);
  const times = new Map<Way, number[]>(ways.map((way) => [way, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const way of ways) {
      const perTurn = await timed(way, round);
      if (round > 0) times.get(way)?.push(perTurn);
    }
  }
  const reference = summary(times.get(ways[0] as Way) ?? []).median;
  const common = { bench: "quota", aim: null, met: null };
  for (const [{ name }, values] of times) {
    const figures = summary(values);
    const ratio = figures.median / reference;
    yield { ...common, case: name, metric: "time", unit: "µs", ...figures, reference, ratio };
  }
  const trips = roundTrips();
  const once = { median: trips, min: trips, max: trips, reps: 1, reference: null, ratio: null };
  yield { ...common, case: "a turn, in Redis", metric: "round trips", unit: "a turn", ...once };
}

async function openWays(stack: DisposalStack): Promise<{ ways: Way[]; roundTrips(): number }> {
  const server = stack.use(await startRedis());
  const redis = stack.use(
    openRedis({ url: server.url, meter: createMetrics("bench").meter, log: silentLogger }),
  );
  while ((await redis.get("there?")).kind === "away") await new Promise(setImmediate);
  let scripts = 0;
  let turns = 0;
  const counting = {
    run: (...asked: Parameters<typeof redis.run>) => {
      scripts += 1;
      return redis.run(...asked);
    },
  };
  const settings = { record: RECORD, observe: () => {} };
  const counted = Object.assign(Object.create(redis) as typeof redis, counting);
  const shared = stack.use(openLedger({ ...settings, shared: { redis: counted, prefix: "bench:" } }));
  const alone = stack.use(openLedger(settings));
  return {
    ways: [
      { name: "a bare round trip to Redis", once: (id) => redis.get(`nothing ${id}`) },
      {
        name: "a turn, in Redis",
        once: (id) => {
          turns += 1;
          return turn(shared, id);
        },
      },
      { name: "a turn, in the process", once: (id) => turn(alone, id) },
    ],
    roundTrips: () => scripts / turns,
  };
}

/** Of two model calls: admission, the answer, and the end. */
async function turn(ledger: Ledger, hold: string): Promise<void> {
  for (const [spent, want] of [
    [0, 2_000],
    [900, 3_000],
  ] as const) {
    const shares = METERS.map((meter) => ({ meter, spent, want, least: spent + 1 }));
    const { kind } = await ledger.reserve({ hold, shares });
    if (kind !== "held") throw new Error("a turn was refused");
  }
  const spent = METERS.map((meter) => ({ meter, amount: 1_500 }));
  await ledger.settle(hold, spent);
}

/** Microseconds a time. */
async function timed({ once }: Way, round: number): Promise<number> {
  const since = performance.now();
  for (let at = 0; at < TURNS; at += 1) await once(`${round} ${at}`);
  return ((performance.now() - since) * 1_000) / TURNS;
}
