import { setImmediate as nextTick } from "node:timers/promises";
import type { PlacedExample, SparseVector } from "./example-space.ts";

/** From so many examples on a tool's boundaries can be learnt. */
const LEAST_EXAMPLES = 5;
const EPOCHS = 10;
const STEP = 8;
/** Longest stretch of fitting before other work gets its turn, in milliseconds. */
const SLICE_MS = 5;
/** More multiplications than this would fit for minutes: likeness has to do. */
const MOST_WORK = 2e9;
/** Coprime to any likely number of examples: an order without the tools' runs, the same at each fit. */
const STRIDE = 7919;

/** Multinomial logistic regression over the tools that have enough examples. */
export class ExampleClassifier {
  /** Class of a tool by its number. */
  readonly #classes: ReadonlyMap<number, number>;
  readonly #weights: (Float32Array | undefined)[];

  constructor(tools: readonly number[], terms: number) {
    this.#classes = new Map(tools.map((tool, at) => [tool, at]));
    this.#weights = Array.from({ length: terms });
  }

  /** Replaces each tool's likeness by its geometric mean with the tool's probability. */
  weigh(text: SparseVector, likeness: Float32Array): void {
    const chances = this.#chances(text);
    for (const [tool, at] of this.#classes)
      likeness[tool] = Math.sqrt((likeness[tool] ?? 0) * (chances[at] ?? 0));
  }

  /** One step of stochastic gradient descent towards the example's tool. */
  learn({ tool, vector }: PlacedExample, step: number): void {
    const chances = this.#chances(vector);
    const right = this.#classes.get(tool);
    for (const [at, term] of vector.terms.entries()) {
      const push = step * (vector.weights[at] ?? 0);
      const weights = this.#weightsOf(term);
      for (let one = 0; one < weights.length; one++)
        weights[one] = (weights[one] ?? 0) + push * ((one === right ? 1 : 0) - (chances[one] ?? 0));
    }
  }

  #weightsOf(term: number): Float32Array {
    const known = this.#weights[term];
    if (known !== undefined) return known;
    const made = new Float32Array(this.#classes.size);
    this.#weights[term] = made;
    return made;
  }

  #chances(text: SparseVector): Float32Array {
    const sums = new Float32Array(this.#classes.size);
    for (const [at, term] of text.terms.entries()) {
      const weights = this.#weights[term];
      const weight = text.weights[at] ?? 0;
      if (weights === undefined) continue;
      for (let one = 0; one < sums.length; one++) sums[one] = (sums[one] ?? 0) + weight * (weights[one] ?? 0);
    }
    return softmax(sums);
  }
}

function softmax(sums: Float32Array): Float32Array {
  let highest = -Infinity;
  for (const sum of sums) highest = Math.max(highest, sum);
  let total = 0;
  for (let one = 0; one < sums.length; one++) {
    const power = Math.exp((sums[one] ?? 0) - highest);
    sums[one] = power;
    total += power;
  }
  for (let one = 0; one < sums.length; one++) sums[one] = (sums[one] ?? 0) / total;
  return sums;
}

/** Fits in small slices between other work. Undefined with fewer than two tools to tell apart, or too many. */
export async function fitClassifier(
  examples: readonly PlacedExample[],
  terms: number,
  signal?: AbortSignal,
): Promise<ExampleClassifier | undefined> {
  const counts = new Map<number, number>();
  for (const { tool } of examples) counts.set(tool, (counts.get(tool) ?? 0) + 1);
  const tools = [...counts].flatMap(([tool, count]) => (count >= LEAST_EXAMPLES ? [tool] : []));
  const learnt = examples.filter(({ tool }) => (counts.get(tool) ?? 0) >= LEAST_EXAMPLES);
  const entries = learnt.reduce((sum, { vector }) => sum + vector.terms.length, 0);
  if (tools.length < 2 || entries * tools.length * EPOCHS > MOST_WORK) return undefined;
  const classifier = new ExampleClassifier(tools, terms);
  let started = performance.now();
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    for (let at = 0; at < learnt.length; at++) {
      const example = learnt[(at * STRIDE + epoch) % learnt.length];
      if (example !== undefined) classifier.learn(example, STEP * (1 - epoch / EPOCHS));
      if (performance.now() - started < SLICE_MS) continue;
      await nextTick();
      signal?.throwIfAborted();
      started = performance.now();
    }
  }
  return classifier;
}
