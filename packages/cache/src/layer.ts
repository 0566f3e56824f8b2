import type { KeyText } from "./cache-key.ts";

/** A value as it is kept: how old it is, and how long it may still be used, in milliseconds. */
export type Kept<T = unknown> = Readonly<{ value: T; ageMs: number; restMs: number }>;

/** What a layer has under a key; "away" when it does not say. */
export type Looked = Readonly<{ kind: "found"; kept: Kept } | { kind: "nothing" } | { kind: "away" }>;

/** One place where values are kept under a key's text. Neither method rejects. */
export type Layer = Readonly<{
  find(key: KeyText): Promise<Looked>;
  /** Nothing at all when its time is over, or it is too large. */
  keep(key: KeyText, kept: Kept): Promise<void>;
}>;
