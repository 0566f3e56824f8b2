/**
 * What a look into the cache and a note in it cost, with and without a Redis that others share, and with one that does not
 * answer: all ways in turn in one process, so that a busy machine slows all alike.
 */

import type { Cache } from "@forerun/cache/cache";
import { CacheKey } from "@forerun/cache/cache-key";
import { openCache } from "@forerun/cache/open-cache";
import { startRedis } from "@forerun/components/redis";
import { openRedis } from "@forerun/redis/open-redis";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { DisposalStack } from "@forerun/runtime/disposal";
import { silentLogger } from "@forerun/runtime/logger";
import { createMetrics } from "@forerun/telemetry/metrics";
import { z } from "zod";
import { type Measurement, summary } from "./measurement.ts";

const ROUNDS = 7;
const LOOKS = 400;
const HOUR = { ttlMs: 3_600_000 };
/** About a tool's result. */
const NOTE = { name: "note", shape: z.object({ text: z.string() }) };
const VALUE = { text: "x".repeat(1_000) };
/** In µs: little beside the tool or model call that a hit saves, which takes tens of milliseconds and more. */
const AIM_US = 1_000;

type Way = Readonly<{
  name: string;
  aimed?: boolean;
  prepare?(id: string): Promise<void>;
  once(id: string): Promise<unknown>;
}>;

export async function* run(): AsyncGenerator<Measurement> {
  await using stack = new DisposalStack();
  const ways = await openWays(stack);
  const times = new Map<Way, number[]>(ways.map((way) => [way, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const way of ways) {
      const perLook = await timed(way, String(round));
      if (round > 0) times.get(way)?.push(perLook);
    }
  }
  const reference = summary(times.get(ways[0] as Way) ?? []).median;
  for (const [{ name, aimed = false }, values] of times) {
    const figures = summary(values);
    const ratio = figures.median / reference;
    const met = aimed ? figures.median <= AIM_US : null;
    const aim = aimed ? `<= ${AIM_US} µs` : null;
    yield { bench: "cache", case: name, metric: "time", unit: "µs", ...figures, reference, ratio, aim, met };
  }
}

async function openWays(stack: DisposalStack): Promise<Way[]> {
  const server = stack.use(await startRedis());
  const frozen = stack.use(await startRedis());
  const alone = stack.use(openCache({ meter: createMetrics("bench").meter }));
  const [one, other, deaf] = await Promise.all([
    sharedBy(stack, server.url),
    sharedBy(stack, server.url),
    sharedBy(stack, frozen.url),
  ]);
  frozen.process.kill("SIGSTOP");
  return [
    { name: "nothing there, memory alone", once: (id) => alone.find(key(id)) },
    { name: "nothing there, Redis asked", aimed: true, once: (id) => one.find(key(id)) },
    { name: "nothing there, Redis frozen", aimed: true, once: (id) => deaf.find(key(id)) },
    {
      name: "found in memory",
      prepare: (id) => alone.keep(key(id), VALUE, HOUR),
      once: (id) => alone.find(key(id)),
    },
    {
      name: "found in Redis",
      aimed: true,
      prepare: (id) => other.keep(key(`far ${id}`), VALUE, HOUR),
      once: (id) => one.find(key(`far ${id}`)),
    },
    { name: "kept, memory alone", once: (id) => alone.keep(key(`new ${id}`), VALUE, HOUR) },
    { name: "kept, Redis too", aimed: true, once: (id) => one.keep(key(`new ${id}`), VALUE, HOUR) },
  ];
}

async function sharedBy(stack: DisposalStack, url: string): Promise<Cache> {
  const { meter } = createMetrics("bench");
  const texts = stack.use(openRedis({ url, meter, log: silentLogger }));
  while (!texts.up) await new Promise((resolve) => setTimeout(resolve, 5));
  return stack.use(openCache({ meter, shared: { texts, prefix: "fr:bench:" } }));
}

/** Microseconds a look, one after the other. */
async function timed({ prepare, once }: Way, round: string): Promise<number> {
  const ids = Array.from({ length: LOOKS }, (_, at) => `${round}-${at}`);
  for (const id of ids) await prepare?.(id);
  const begun = performance.now();
  for (const id of ids) await once(id);
  return ((performance.now() - begun) * 1_000) / LOOKS;
}

function key(id: string) {
  return CacheKey.of(LOCAL_CALLER, NOTE, { id });
}
