import type { Signals } from "@forerun/llm/model-observer";
import type { Embedder } from "./embedder.ts";
import { LocalEmbedder } from "./local/local-embedder.ts";
import { createRemoteEmbedder } from "./remote-embedder.ts";
import type { EmbeddingsSettings } from "./settings.ts";

/**
 * The embedder that is meant; undefined for lexical. A local model is loaded here: throws FR-E1520 without its runtime, FR-E1521
 * for a folder without one. An endpoint is not asked yet; requests to it are told to `signals`.
 */
export async function openEmbedder(
  settings: EmbeddingsSettings,
  signals?: Signals,
): Promise<(Embedder & AsyncDisposable) | undefined> {
  switch (settings.kind) {
    case "lexical":
      return undefined;
    case "local":
      return LocalEmbedder.open(settings.folder);
    case "remote":
      return createRemoteEmbedder(settings.options, signals);
  }
}
