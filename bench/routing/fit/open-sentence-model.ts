import { LocalEmbedder } from "@forerun/embeddings/local/local-embedder";
import { sharedModelPath } from "@forerun/testing/shared-data";
import { SENTENCE_MODEL } from "@forerun/testing/skip-without";

/** The tests' sentence model. */
export function openSentenceModel(): Promise<LocalEmbedder> {
  return LocalEmbedder.open(sharedModelPath(SENTENCE_MODEL));
}
