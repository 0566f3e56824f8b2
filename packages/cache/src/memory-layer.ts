/** The layer in this process: bentocache's bounded LRU. The only file that knows it. */
import { BentoCache, bentostore } from "bentocache";
import { memoryDriver } from "bentocache/drivers/memory";
import { z } from "zod";
import type { Layer } from "./layer.ts";

/** `bytes` and `largestBytes` are those of JSON: of all entries, of one. */
export type Room = Readonly<{ entries: number; bytes: number; largestBytes: number }>;

/** Times are milliseconds of this process's clock. */
const ENTRY = z.object({ madeAt: z.number(), endsAt: z.number(), value: z.unknown() });

export function openMemoryLayer({ entries, bytes, largestBytes }: Room): Layer & AsyncDisposable {
  const driver = memoryDriver({ maxItems: entries, maxSize: bytes, maxEntrySize: largestBytes });
  // Without grace: what is older than its maker allows is not given.
  const stores = { main: bentostore().useL1Layer(driver) };
  const store = new BentoCache({ default: "main", prefix: "fr", grace: false, stores });
  return {
    async find(key) {
      const entry = ENTRY.safeParse(await store.get({ key }));
      if (!entry.success) return { kind: "nothing" };
      const { value, madeAt, endsAt } = entry.data;
      const now = Date.now();
      return { kind: "found", kept: { value, ageMs: Math.max(0, now - madeAt), restMs: endsAt - now } };
    },
    async keep(key, { value, ageMs, restMs }) {
      const now = Date.now();
      const entry = { madeAt: now - ageMs, endsAt: now + restMs, value };
      // A time of 0 would mean for ever.
      if (restMs >= 1) await store.set({ key, value: entry, ttl: Math.floor(restMs) });
    },
    [Symbol.asyncDispose]: () => store.disconnectAll(),
  };
}
