import { METRICS } from "@forerun/telemetry/names";
import type { Meter } from "@opentelemetry/api";
import type { Cache, Found, Keeping, Reused } from "./cache.ts";
import type { CacheKey } from "./cache-key.ts";
import type { Kept, Layer } from "./layer.ts";
import { openMemoryLayer } from "./memory-layer.ts";
import { openSharedLayer, type SharedPlace } from "./shared-layer.ts";

export type CacheOptions = Readonly<{
  meter: Meter;
  /** What replicas share; stays its giver's to dispose of. Without it everything is kept in this process alone. */
  shared?: SharedPlace | undefined;
  maxEntries?: number;
  /** Bytes of JSON over all entries of this process. */
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

/** The cache: in memory, and behind that in what replicas share. */
export function openCache(options: CacheOptions): Cache & AsyncDisposable {
  const { meter, shared, maxEntries = MAX_ENTRIES, maxBytes = MAX_BYTES, random = Math.random } = options;
  const largestBytes = Math.floor(maxBytes * LARGEST_SHARE);
  const near = openMemoryLayer({ entries: maxEntries, bytes: maxBytes, largestBytes });
  const far = shared && openSharedLayer(shared, largestBytes);
  const look = lookUp(meter);
  const jittered = (ms: number) => Math.floor(ms * (1 - JITTER * random()));
  return {
    async find<T>(key: CacheKey<T>): Promise<Found<T> | undefined> {
      const here = await look(near, "l1", key);
      if (here) return found(here, "l1");
      const there = far && (await look(far, "l2", key));
      if (!there) return undefined;
      await near.keep(key.text, { ...there, restMs: jittered(there.restMs) });
      return found(there, "l2");
    },
    async keep<T>({ text }: CacheKey<T>, value: T, { ttlMs, ageMs = 0 }: Keeping): Promise<void> {
      const kept = { value, ageMs, restMs: jittered(ttlMs) - ageMs };
      // Nobody waits until others have it.
      void far?.keep(text, kept);
      await near.keep(text, kept);
    },
    [Symbol.asyncDispose]: () => near[Symbol.asyncDispose](),
  };
}

/** Looks into one layer, and counts how that went. What is not of its kind is as good as nothing. */
function lookUp(meter: Meter) {
  const requests = meter.createCounter(METRICS.cacheRequests, {
    description:
      "Look-ups in caches by kind, layer and result: hit, miss, or away where the layer did not say.",
  });
  return async <T>(
    layer: Layer,
    name: Reused["layer"],
    { kind, text }: CacheKey<T>,
  ): Promise<Kept<T> | undefined> => {
    const looked = await layer.find(text);
    const value = looked.kind === "found" ? kind.shape.safeParse(looked.kept.value) : undefined;
    const hit = looked.kind === "found" && value?.success ? { ...looked.kept, value: value.data } : undefined;
    const result = hit ? "hit" : looked.kind === "away" ? "away" : "miss";
    requests.add(1, { kind: kind.name, layer: name, result });
    return hit;
  };
}

function found<T>({ value, ageMs }: Kept<T>, layer: Reused["layer"]): Found<T> {
  return { value, reused: { layer, ageMs } };
}
