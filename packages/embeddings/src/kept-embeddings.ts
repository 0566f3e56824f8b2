import type { Cache } from "@forerun/cache/cache";
import { CacheKey, type CacheKind } from "@forerun/cache/cache-key";
import type { Caller } from "@forerun/runtime/caller";
import { z } from "zod";
import type { Embedder } from "./embedder.ts";

/** The embedder as one caller uses it, in the trace of one call. */
export type EmbedderFor = (caller: Caller, trace?: string) => Embedder;

/** A text's vector never changes; it is given up when there is no room, or after this. */
const KEPT_MS = 3_600_000;

/** Vectors as the base64 of their 32-bit floats. */
const EMBEDDING: CacheKind<string> = { name: "embedding", shape: z.base64() };

/** The embedder with the vectors of texts kept, for each tenant its own: how long an embedding takes tells nobody what others asked. */
export function keepEmbeddings(embedder: Embedder, cache: Cache): EmbedderFor {
  return (caller, trace) => {
    const keyOf = (text: string) => CacheKey.of(caller, EMBEDDING, { embedder: embedder.id, text });
    const find = async (text: string): Promise<Float32Array | undefined> => {
      const found = await cache.find(keyOf(text));
      return found && fromBase64(found.value);
    };
    return {
      id: embedder.id,
      get dimension() {
        return embedder.dimension;
      },
      async embed(texts, signal) {
        signal.throwIfAborted();
        const known = new Map<string, Float32Array | undefined>();
        for (const text of new Set(texts)) known.set(text, await find(text));
        const fresh = [...known].flatMap(([text, vector]) => (vector === undefined ? [text] : []));
        const made = fresh.length === 0 ? [] : await embedder.embed(fresh, signal, trace);
        for (const [at, text] of fresh.entries()) {
          const vector = made[at];
          if (vector === undefined) throw new RangeError("an embedder gave fewer vectors than it got texts");
          known.set(text, vector);
          await cache.keep(keyOf(text), toBase64(vector), { ttlMs: KEPT_MS });
        }
        return texts.flatMap((text) => known.get(text) ?? []);
      },
    };
  };
}

function toBase64({ buffer, byteOffset, byteLength }: Float32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}

/** On an address of its own: floats have to begin at a multiple of four. */
function fromBase64(text: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);
}
