/**
 * A sentence model in a local folder: milliseconds a text, and what tier 0's ranking gains by it over the same tools and
 * questions ranked by their words. Needs onnxruntime-node (scripts/components.sh) and a model: EMBEDDINGS_DIR, else the tests' one.
 */
import { LocalEmbedder } from "@forerun/embeddings/local/local-embedder";
import { sharedModelPath } from "@forerun/testing/shared-data";
import { SENTENCE_MODEL } from "@forerun/testing/skip-without";
import { measureIrrelevance } from "./embeddings/irrelevance.ts";
import { measureRanking } from "./embeddings/ranking.ts";
import { measureTexts } from "./embeddings/texts.ts";
import type { Measurement } from "./measurement.ts";

export async function* run(): AsyncGenerator<Measurement> {
  const folder = process.env.EMBEDDINGS_DIR?.trim() || sharedModelPath(SENTENCE_MODEL);
  await using embedder = await LocalEmbedder.open(folder);
  yield* measureTexts(embedder);
  yield* measureRanking(embedder);
  yield* measureIrrelevance(embedder);
}
