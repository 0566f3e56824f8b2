import type { Embedder } from "./embedder.ts";

/** The embedder with the vectors of the last `most` texts kept, the longest unused given up first. */
export function rememberTexts(embedder: Embedder, most: number): Embedder {
  const kept = new Map<string, Float32Array>();
  const keep = (text: string, vector: Float32Array): void => {
    kept.delete(text);
    kept.set(text, vector);
    const [oldest] = kept.keys();
    if (kept.size > most && oldest !== undefined) kept.delete(oldest);
  };
  return {
    id: embedder.id,
    get dimension() {
      return embedder.dimension;
    },
    async embed(texts, signal) {
      signal.throwIfAborted();
      const known = new Map(texts.map((text) => [text, kept.get(text)]));
      const fresh = [...known].flatMap(([text, vector]) => (vector === undefined ? [text] : []));
      const made = fresh.length === 0 ? [] : await embedder.embed(fresh, signal);
      for (const [at, text] of fresh.entries()) known.set(text, made[at]);
      return texts.map((text) => {
        const vector = known.get(text);
        if (vector === undefined) throw new RangeError("an embedder gave fewer vectors than it got texts");
        keep(text, vector);
        return vector;
      });
    },
  };
}
