/** The cache on bentocache: its LRU in memory now, a shared store as its second layer later. The only file that knows it. */
import { METRICS } from "@forerun/telemetry/names";
import type { Meter } from "@opentelemetry/api";
import { BentoCache, bentostore } from "bentocache";
import { memoryDriver } from "bentocache/drivers/memory";
import { z } from "zod";
import type { Cache, Found, Keeping } from "./cache.ts";
import type { CacheKey, CacheKind } from "./cache-key.ts";

export type CacheOptions = Readonly<{
  meter: Meter;
  maxEntries?: number;
  /** Bytes of JSON over all entries. */
  maxBytes?: number;
  /** In [0, 1): where in its last tenth an entry's time ends. */
  random?: () => number;
}>;

const MAX_ENTRIES = 8_192;
const MAX_BYTES = 64 * 1_048_576;
/** One entry's share of the bytes at most, so that a large one does not push out everything else. */
const LARGEST_SHARE = 1 / 32;
/** Entries that were made together end apart, within this share of their time, and never late. */
const JITTER = 0.1;

/** What a value is kept in. */
const ENVELOPE = z.object({ madeAt: z.number(), value: z.unknown() });

export function openCache(options: CacheOptions): Cache & AsyncDisposable {
  const { maxEntries = MAX_ENTRIES, maxBytes = MAX_BYTES, random = Math.random } = options;
  const requests = options.meter.createCounter(METRICS.cacheRequests, {
    description: "Look-ups in caches by kind, layer and whether something was there.",
  });
  const maxEntrySize = Math.floor(maxBytes * LARGEST_SHARE);
  const layers = bentostore().useL1Layer(
    memoryDriver({ maxItems: maxEntries, maxSize: maxBytes, maxEntrySize }),
  );
  // Without grace: what is older than its maker allows is not given, not even where its store is down.
  const store = new BentoCache({ default: "main", prefix: "fr", grace: false, stores: { main: layers } });
  return {
    async find<T>({ kind, text }: CacheKey<T>): Promise<Found<T> | undefined> {
      const found = opened(kind, await store.get({ key: text }));
      requests.add(1, { kind: kind.name, layer: "l1", result: found ? "hit" : "miss" });
      return found;
    },
    async keep<T>({ text }: CacheKey<T>, value: T, { ttlMs, ageMs = 0 }: Keeping): Promise<void> {
      const ttl = Math.floor(ttlMs * (1 - JITTER * random()) - ageMs);
      // A time of 0 would mean for ever.
      if (ttl >= 1) await store.set({ key: text, value: { madeAt: Date.now() - ageMs, value }, ttl });
    },
    [Symbol.asyncDispose]: () => store.disconnectAll(),
  };
}

/** Undefined for nothing, and for what is not of its kind. */
function opened<T>(kind: CacheKind<T>, kept: unknown): Found<T> | undefined {
  const envelope = ENVELOPE.safeParse(kept);
  if (!envelope.success) return undefined;
  const value = kind.shape.safeParse(envelope.data.value);
  if (!value.success) return undefined;
  const ageMs = Math.max(0, Date.now() - envelope.data.madeAt);
  return { value: value.data, reused: { layer: "l1", ageMs } };
}
