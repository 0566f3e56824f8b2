/** Answers of models that are given again, for a while, to the same request of the same tenant. */
import type { Cache, Reused } from "@forerun/cache/cache";
import { CacheKey, type CacheKind } from "@forerun/cache/cache-key";
import type { Caller } from "@forerun/runtime/caller";
import type { JsonValue } from "@forerun/toolkit/json";
import { z } from "zod";
import type { ModelEvent, ModelRequest, TokenUsage } from "./model-call.ts";

/** The whole text of an answer that ended by itself, and the name of the model that wrote it. */
export type Reply = Readonly<{ text: string; model: string }>;

/** What a reply depends on. */
export type Asked = Readonly<{
  /** Name of the model that is asked. */
  model: string;
  /** As it is sent: the prompt with the tools in it, the schema, the limits. */
  request: ModelRequest;
  /** Version of what wrote the prompt and judges the reply. */
  policy: string;
  /** The time in the very characters of the prompt, RFC 3339; empty where the prompt tells none. */
  now: string;
  /** IANA name of the zone whose date counts. */
  timeZone: string;
}>;

/** The place of one request's reply. */
export type ReplySlot = Readonly<{
  find(): Promise<Readonly<{ reply: Reply; reused: Reused }> | undefined>;
  /** For a reply that is whole and was of use. */
  keep(reply: Reply): Promise<void>;
}>;

/** Finds the place of a request among those of one tenant. */
export type ReplySlots = (asked: Asked) => ReplySlot;

export class ReplyMemory {
  readonly #cache: Cache;
  readonly #kind: CacheKind<Reply>;
  readonly #ttlMs: number;

  /** `name` tells in metrics what is remembered, `ttlMs` for how long. */
  constructor(cache: Cache, name: "route" | "answer", ttlMs: number) {
    this.#cache = cache;
    this.#kind = { name, shape: z.object({ text: z.string(), model: z.string() }) };
    this.#ttlMs = ttlMs;
  }

  slotsOf(caller: Caller): ReplySlots {
    return ({ model, request, policy, now, timeZone }) => {
      const fields = { model, policy, request: withoutClock(request, now, timeZone) };
      const key = CacheKey.of(caller, this.#kind, fields);
      return {
        find: async () => {
          const found = await this.#cache.find(key);
          return found && { reply: found.value, reused: found.reused };
        },
        keep: (reply) => this.#cache.keep(key, reply, { ttlMs: this.#ttlMs }),
      };
    };
  }
}

/** The memory that the settings ask for; undefined for none. */
export function openReplyMemory(
  cache: Cache | undefined,
  name: "route" | "answer",
  ttlMs: number,
): ReplyMemory | undefined {
  return cache && ttlMs > 0 ? new ReplyMemory(cache, name, ttlMs) : undefined;
}

const NO_USAGE: TokenUsage = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costMicros: 0 };

/** A reply as the model would stream it, at no cost. */
export async function* replayed({ text, model }: Reply): AsyncGenerator<ModelEvent> {
  yield { kind: "text", text };
  yield { kind: "done", finishReason: "stop", usage: NO_USAGE, model };
}

/**
 * The request without the time of day: with it no two would be the same. What is left is the date, so that "tomorrow" means the
 * same; the rest is why replies are remembered for a short while only.
 */
function withoutClock(request: ModelRequest, now: string, timeZone: string): JsonValue {
  const date = now === "" ? "" : dateIn(timeZone, new Date(now));
  const messages = request.messages.map((message) => ({
    ...message,
    content: now === "" ? message.content : message.content.replaceAll(now, date),
  }));
  // A request is JSON: its types only say more.
  return { ...request, messages } as unknown as JsonValue;
}

function dateIn(timeZone: string, time: Date): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" }).format(time);
}
