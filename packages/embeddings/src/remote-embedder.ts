import { createEmbeddingsClient, type EmbeddingsOptions } from "@forerun/llm/embeddings-client";
import type { Signals } from "@forerun/llm/model-observer";
import type { Embedder } from "./embedder.ts";
import { toUnitLength } from "./to-unit-length.ts";

/** The model behind an OpenAI-compatible endpoint. Nothing is asked of it before the first text. Disposing of it closes its connections. */
export function createRemoteEmbedder(
  options: EmbeddingsOptions,
  signals?: Signals,
): Embedder & AsyncDisposable {
  const client = createEmbeddingsClient(options, signals);
  let dimension = options.dimension;
  return {
    id: `remote/${options.model}@${placeOf(options.url)}`,
    get dimension() {
      return dimension;
    },
    async embed(texts, signal, trace) {
      if (texts.length === 0) return [];
      const outcome = await client.embed(texts, signal, trace);
      if (outcome.kind === "failed") throw outcome.error;
      dimension ??= outcome.vectors[0]?.length;
      return outcome.vectors.map(toUnitLength);
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

/** Host and path, without what may be secret in an address. */
function placeOf(url: string | undefined): string {
  if (url === undefined) return "openai";
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}
