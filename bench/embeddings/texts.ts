import type { Embedder } from "@forerun/embeddings/embedder";
import { type Measurement, quantile, summary } from "../measurement.ts";

const TOKENS = [8, 16, 64];
/** A text begins and ends with a token of the model's own. */
const OWN_TOKENS = 2;
const WARM_UP = 20;
const TEXTS = 50;
const REPETITIONS = 5;

/** Milliseconds from asking to the vector, thread and all, by the tokens of the text. */
export async function* measureTexts(embedder: Embedder): AsyncGenerator<Measurement> {
  const { signal } = new AbortController();
  for (const tokens of TOKENS) {
    const text = "weather ".repeat(tokens - OWN_TOKENS);
    const time = async (times: number): Promise<number[]> => {
      const taken: number[] = [];
      for (let at = 0; at < times; at++) {
        const begun = performance.now();
        await embedder.embed([text], signal);
        taken.push(performance.now() - begun);
      }
      return taken.sort((a, b) => a - b);
    };
    await time(WARM_UP);
    const rounds: number[] = [];
    for (let at = 0; at < REPETITIONS; at++) rounds.push(quantile(await time(TEXTS), 0.5));
    yield {
      bench: "embeddings",
      case: `a text of ${tokens} tokens`,
      metric: "p50",
      unit: "ms",
      ...summary(rounds),
      reference: null,
      ratio: null,
      aim: null,
      met: null,
    };
  }
}
