/** The layer that replicas share: what one of them made, for the others. */

import { guard } from "@forerun/runtime/guard";
import { z } from "zod";
import type { Layer } from "./layer.ts";

/** Where shared texts lie. Neither method rejects or waits long; "away" is a store that does not say. */
export type SharedTexts = Readonly<{
  get(
    key: string,
  ): Promise<{ kind: "found"; text: string; restMs: number } | { kind: "nothing" } | { kind: "away" }>;
  set(key: string, text: string, ttlMs: number): Promise<unknown>;
}>;

export type SharedPlace = Readonly<{
  texts: SharedTexts;
  /** What every key of ours begins with; others may use the same store. */
  prefix: string;
}>;

/**
 * What stands in the store. No times of day: the store alone counts how long it has lain there, so that no two clocks are
 * compared. The key, which nobody makes without their tenant, says whose it is.
 */
const ENVELOPE = z.object({ key: z.string(), ageMs: z.number(), restMs: z.number(), value: z.unknown() });

/** `largest`: characters of an entry at most. */
export function openSharedLayer({ texts, prefix }: SharedPlace, largest: number): Layer {
  return {
    async find(key) {
      const looked = await texts.get(prefix + key);
      if (looked.kind !== "found") return looked;
      const envelope = ENVELOPE.safeParse(parsed(looked.text));
      // What lies under another's key is not given, however it came there.
      if (!envelope.success || !guard("cache.shared.key", envelope.data.key === key))
        return { kind: "nothing" };
      const { value, ageMs, restMs } = envelope.data;
      const lain = Math.max(0, restMs - looked.restMs);
      return { kind: "found", kept: { value, ageMs: ageMs + lain, restMs: looked.restMs } };
    },
    async keep(key, kept) {
      const text = JSON.stringify({ key, ...kept });
      if (kept.restMs >= 1 && text.length <= largest) await texts.set(prefix + key, text, kept.restMs);
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
