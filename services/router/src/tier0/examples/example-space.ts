import { exampleTerms } from "./example-terms.ts";

/** A vector of length 1 over the terms of a space. */
export type SparseVector = Readonly<{ terms: readonly number[]; weights: readonly number[] }>;

/** One example of the tool with this number. */
export type PlacedExample = Readonly<{ tool: number; vector: SparseVector }>;

/** Places texts by the terms of all examples, rare ones counting more (TF-IDF). */
export class ExampleSpace {
  readonly #ids = new Map<string, number>();
  readonly #idf: number[] = [];
  readonly #unknownIdf: number;

  constructor(texts: readonly ReadonlyMap<string, number>[]) {
    const counts = new Map<string, number>();
    for (const terms of texts) for (const term of terms.keys()) counts.set(term, (counts.get(term) ?? 0) + 1);
    const idf = (holders: number) => Math.log(1 + (texts.length + 1) / (holders + 0.5));
    for (const [term, holders] of counts) {
      this.#ids.set(term, this.#idf.length);
      this.#idf.push(idf(holders));
    }
    this.#unknownIdf = idf(0);
  }

  /** Number of known terms. */
  get size(): number {
    return this.#idf.length;
  }

  /** Terms that no example has make the vector of the known ones shorter than 1: there is more in the text than they say. */
  vectorOf(terms: ReadonlyMap<string, number>): SparseVector {
    const ids: number[] = [];
    const weights: number[] = [];
    let square = 0;
    for (const [term, count] of terms) {
      const id = this.#ids.get(term);
      const weight = count * (id === undefined ? this.#unknownIdf : (this.#idf[id] ?? 0));
      square += weight * weight;
      if (id === undefined) continue;
      ids.push(id);
      weights.push(weight);
    }
    const length = Math.sqrt(square) || 1;
    return { terms: ids, weights: weights.map((weight) => weight / length) };
  }

  place(words: readonly string[]): SparseVector {
    return this.vectorOf(exampleTerms(words));
  }
}
