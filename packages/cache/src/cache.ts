import type { CacheKey } from "./cache-key.ts";

/** Where something was kept, and for how long: `l1` in this process, `l2` shared by replicas. */
export type Reused = Readonly<{
  layer: "l1" | "l2";
  /** Milliseconds since it was made. */
  ageMs: number;
}>;

export type Found<T> = Readonly<{ value: T; reused: Reused }>;

export type Keeping = Readonly<{
  /** Milliseconds after which it must not be used any more, from when it was made. */
  ttlMs: number;
  /** Milliseconds since it was made; 0 unless given. */
  ageMs?: number;
}>;

/**
 * Keeps what was expensive to make, for a while. Nobody may rely on it: anything may be gone at any time, and a store that
 * is down or slow answers like an empty one. Neither method rejects.
 */
export type Cache = Readonly<{
  find<T>(key: CacheKey<T>): Promise<Found<T> | undefined>;
  /** Keeps JSON; nothing at all when its time is over already or it is too large. */
  keep<T>(key: CacheKey<T>, value: T, keeping: Keeping): Promise<void>;
}>;
