import type { ExampleSpace, PlacedExample, SparseVector } from "./example-space.ts";
import { type ExampleClassifier, fitClassifier } from "./fit-classifier.ts";

/** For each term the rows that have it. */
type Postings = { rows: number[]; weights: number[] }[];

/**
 * How like a text is to the examples of each tool: half its cosine with their centroid, half with the nearest. Once a classifier has
 * been fitted to them, its say and that likeness are averaged geometrically: it tells tools apart, the likeness tells strangers.
 */
export class ExampleIndex {
  readonly #examples: readonly PlacedExample[];
  readonly #space: ExampleSpace;
  readonly #tools: number;
  readonly #nearest: Postings;
  readonly #centroids: Postings;
  #classifier: ExampleClassifier | undefined;
  #learning: Promise<void> | undefined;

  constructor(space: ExampleSpace, examples: readonly PlacedExample[], tools: number) {
    this.#space = space;
    this.#examples = examples;
    this.#tools = tools;
    this.#nearest = postings(
      space.size,
      examples.map(({ vector }, row) => ({ row, vector })),
    );
    this.#centroids = postings(space.size, centroids(examples));
  }

  /** Fits the classifier, once, in slices between other work. Rejects with the first asker's signal's reason. */
  learn(signal?: AbortSignal): Promise<void> {
    this.#learning ??= fitClassifier(this.#examples, this.#space.size, signal).then((classifier) => {
      this.#classifier = classifier;
    });
    return this.#learning;
  }

  /** 0 to 1 by the tool's number; 0 for tools without enough examples. */
  likeness(words: readonly string[]): Float32Array {
    const text = this.#space.place(words);
    const near = products(text, this.#nearest, new Float32Array(this.#examples.length));
    const like = products(text, this.#centroids, new Float32Array(this.#tools));
    const nearest = new Float32Array(this.#tools);
    for (const [row, { tool }] of this.#examples.entries())
      nearest[tool] = Math.max(nearest[tool] ?? 0, near[row] ?? 0);
    for (let tool = 0; tool < like.length; tool++)
      like[tool] = ((like[tool] ?? 0) + (nearest[tool] ?? 0)) / 2;
    this.#classifier?.weigh(text, like);
    return like;
  }
}

function postings(terms: number, vectors: readonly { row: number; vector: SparseVector }[]): Postings {
  const lists: Postings = Array.from({ length: terms }, () => ({ rows: [], weights: [] }));
  for (const { row, vector } of vectors) {
    for (const [at, term] of vector.terms.entries()) {
      lists[term]?.rows.push(row);
      lists[term]?.weights.push(vector.weights[at] ?? 0);
    }
  }
  return lists;
}

function centroids(examples: readonly PlacedExample[]): { row: number; vector: SparseVector }[] {
  const sums = new Map<number, Map<number, number>>();
  for (const { tool, vector } of examples) {
    const sum = sums.get(tool) ?? new Map<number, number>();
    for (const [at, term] of vector.terms.entries())
      sum.set(term, (sum.get(term) ?? 0) + (vector.weights[at] ?? 0));
    sums.set(tool, sum);
  }
  return [...sums].map(([row, sum]) => {
    const length = Math.hypot(...sum.values()) || 1;
    const weights = Array.from(sum.values(), (weight) => weight / length);
    return { row, vector: { terms: [...sum.keys()], weights } };
  });
}

function products(text: SparseVector, lists: Postings, sums: Float32Array): Float32Array {
  for (const [at, term] of text.terms.entries()) {
    const weight = text.weights[at] ?? 0;
    const { rows, weights } = lists[term] ?? { rows: [], weights: [] };
    for (const [place, row] of rows.entries()) sums[row] = (sums[row] ?? 0) + weight * (weights[place] ?? 0);
  }
  return sums;
}
