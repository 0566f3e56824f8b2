import { once } from "node:events";
import type { Embedder } from "@forerun/embeddings/embedder";

/** Words that mean alike without sharing a letter, as a sentence model would have it. */
const TOPICS = [
  ["weather", "galoshes", "sunny", "forecast"],
  ["arithmetic", "calculates", "sums", "tally"],
  ["table", "restaurant", "dinner"],
  ["money", "euros", "currency"],
];

export type TopicEmbedder = Readonly<{
  embedder: Embedder;
  /** Texts of each call, in order. */
  asked: (readonly string[])[];
  /** Makes the calls from now on fail, or work again. */
  fail(fault: Error | undefined): void;
  /** Lets the calls from now on wait until their signal aborts. */
  stall(): void;
}>;

/** An embedder whose vectors count the topics of a text. */
export function topicEmbedder(): TopicEmbedder {
  const asked: (readonly string[])[] = [];
  let broken: Error | undefined;
  let stalled = false;
  const embedder: Embedder = {
    id: "topics",
    dimension: TOPICS.length + 1,
    async embed(texts, signal) {
      signal.throwIfAborted();
      asked.push([...texts]);
      if (broken !== undefined) throw broken;
      if (stalled) await once(signal, "abort");
      return texts.map(vectorOf);
    },
  };
  return {
    embedder,
    asked,
    fail(fault) {
      broken = fault;
    },
    stall() {
      stalled = true;
    },
  };
}

function vectorOf(text: string): Float32Array {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  const counts = TOPICS.map((topic) => words.filter((word) => topic.includes(word)).length);
  const length = Math.hypot(...counts, 0.1);
  return Float32Array.from([...counts, 0.1], (count) => count / length);
}
