import { counted, type Measurement } from "../measurement.ts";

/** What ranking by words reaches, and by meaning beside it. */
export function* compared(
  label: string,
  metric: string,
  words: number,
  meaning: number,
): Generator<Measurement> {
  yield figure(`${label}, by words`, metric, words);
  yield {
    ...figure(`${label}, by meaning`, metric, meaning),
    reference: words,
    ratio: meaning / words,
    aim: "≥ words",
    met: meaning >= words,
  };
}

/** One share that was counted once. */
export function figure(label: string, metric: string, value: number): Measurement {
  return counted("embeddings", label, metric, value);
}
