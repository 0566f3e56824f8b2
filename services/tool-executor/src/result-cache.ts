import type { Cache, Reused } from "@forerun/cache/cache";
import { CacheKey, type CacheKind, type KeyFields } from "@forerun/cache/cache-key";
import type { Caller } from "@forerun/runtime/caller";
import { guard } from "@forerun/runtime/guard";
import { isJsonObject, type JsonObject } from "@forerun/toolkit/json";
import { z } from "zod";
import type { PreparedCall } from "./prepare-call.ts";
import { RESULT_SHAPE } from "./result-shape.ts";
import type { CallEnd, CallFailure, CallId, CallResult } from "./tool-call.ts";

/** Failures that lie in the arguments, so that the same call would fail again. All others may pass. */
const LASTING_FAILURES = ["not_found", "invalid_arguments"] as const;
/** What is not there now may be there soon. */
const FAILURE_TTL_MS = 30_000;
/** A turn decides long before; what nobody asked for by then is forgotten. */
const HELD_MS = 120_000;

type KeptEnd = CallResult | (CallFailure & { code: (typeof LASTING_FAILURES)[number] });

const END = z.discriminatedUnion("kind", [
  RESULT_SHAPE,
  z.object({ kind: z.literal("failure"), code: z.enum(LASTING_FAILURES), message: z.string() }),
]);
const FIELDS = z.object({
  tool: z.string(),
  definition: z.string(),
  arguments: z.custom<JsonObject>(isJsonObject),
});

/** Results of calls that were decided for: the record that later calls read. */
const RECORD: CacheKind<KeptEnd> = { name: "tool", shape: END };
/** Results of early calls, each under its own call, where no other call looks for it. */
const HELD: CacheKind<Held> = {
  name: "early",
  shape: z.object({ end: END, fields: FIELDS, ttlMs: z.number() }),
};

type Held = { end: KeptEnd; fields: z.output<typeof FIELDS>; ttlMs: number };

/** Where the result of a call is kept, and for how long. */
export type ResultSlot = Readonly<{
  key: CacheKey<KeptEnd>;
  /** The same for equal calls of one caller, which may share a run. */
  runKey: CacheKey<unknown>;
  caller: Caller;
  fields: Held["fields"];
  ttlMs: number;
}>;

/**
 * Results that may be used again: those of tools that change nothing and say for how long, by tenant, definition and
 * arguments. What an early call brought stays apart until its call is decided for.
 */
export class ResultCache {
  readonly #cache: Cache;
  /** Calls that shared one run end with one object: it is written once. */
  readonly #written = new WeakSet<CallEnd>();

  constructor(cache: Cache) {
    this.#cache = cache;
  }

  /** Undefined for a call whose result must not be used again. */
  slotOf({ registered, arguments: args }: PreparedCall, caller: Caller): ResultSlot | undefined {
    const { tool, hash } = registered;
    if (tool.effect === "write" || tool.cacheTtlMs <= 0) return undefined;
    const fields = { tool: tool.name, definition: hash, arguments: args };
    const { subject, roles } = caller;
    const asker = guard<KeyFields>("tools.runs.caller", { subject, roles: [...roles] }, {});
    return {
      key: CacheKey.of(caller, RECORD, fields),
      runKey: CacheKey.of(caller, RECORD, { ...fields, ...asker }),
      caller,
      fields,
      ttlMs: tool.cacheTtlMs,
    };
  }

  async find({ key }: ResultSlot): Promise<(KeptEnd & { reused: Reused }) | undefined> {
    const found = await this.#cache.find(key);
    return found && { ...found.value, reused: found.reused };
  }

  /** Keeps how a decided call ended, where that is worth keeping. */
  async keep({ key, ttlMs }: ResultSlot, end: CallEnd): Promise<void> {
    if (!isKept(end) || this.#written.has(end)) return;
    this.#written.add(end);
    await this.#cache.keep(key, end, { ttlMs: lifetimeOf(end, ttlMs) });
  }

  /** Sets aside how an early call ended, until `release`. */
  async hold({ caller, fields, ttlMs }: ResultSlot, end: CallEnd, of: CallId): Promise<void> {
    if (!isKept(end)) return;
    const held = { end, fields, ttlMs: lifetimeOf(end, ttlMs) };
    await this.#cache.keep(heldKey(caller, of), held, { ttlMs: HELD_MS });
  }

  /** The early call was decided for: what it brought may be used again. False when nothing is held of it. */
  async release(caller: Caller, of: CallId): Promise<boolean> {
    const found = await this.#cache.find(heldKey(caller, of));
    if (found === undefined) return false;
    const { end, fields, ttlMs } = found.value;
    await this.#cache.keep(CacheKey.of(caller, RECORD, fields), end, { ttlMs, ageMs: found.reused.ageMs });
    return true;
  }
}

function heldKey(caller: Caller, { turnId, callId }: CallId): CacheKey<Held> {
  return CacheKey.of(caller, HELD, { turn: turnId, call: callId });
}

function isKept(end: CallEnd): end is KeptEnd {
  return end.kind === "result" || (LASTING_FAILURES as readonly string[]).includes(end.code);
}

function lifetimeOf(end: KeptEnd, ttlMs: number): number {
  return end.kind === "result" ? ttlMs : Math.min(ttlMs, FAILURE_TTL_MS);
}
