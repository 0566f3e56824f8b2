/** A choice among alternatives with sparse features; `right` marks those that are correct. */
export type Choice = Readonly<{
  alternatives: readonly SparseRow[];
  right: readonly boolean[];
  weight: number;
}>;

export type SparseRow = Readonly<{ features: Int32Array; values: Float64Array }>;

export type FitOptions = Readonly<{
  features: number;
  /** Strength of the pull towards `centre`. */
  l2: number;
  epochs: number;
  /** Weights to start from and to stay near, such as those of an earlier fit; zeros unless given. */
  centre?: Float64Array;
}>;

const STEP = 0.05;

/**
 * Conditional logit: weights that give the right alternatives of each choice the most probability, by Adam over the whole set,
 * so that the order of the data does not matter. Against an alternative without features it is a logistic regression.
 */
export function fitConditionalLogit(choices: readonly Choice[], options: FitOptions): Float64Array {
  const { features, l2, epochs, centre = new Float64Array(features) } = options;
  const weights = Float64Array.from(centre);
  const mean = new Float64Array(features);
  const square = new Float64Array(features);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const gradient = gradientOf(choices, weights);
    const [meanBias, squareBias] = [1 - 0.9 ** epoch, 1 - 0.999 ** epoch];
    for (let i = 0; i < features; i++) {
      const slope = (gradient[i] ?? 0) / choices.length + l2 * ((weights[i] ?? 0) - (centre[i] ?? 0));
      mean[i] = 0.9 * (mean[i] ?? 0) + 0.1 * slope;
      square[i] = 0.999 * (square[i] ?? 0) + 0.001 * slope * slope;
      const step = (mean[i] ?? 0) / meanBias / (Math.sqrt((square[i] ?? 0) / squareBias) + 1e-8);
      weights[i] = (weights[i] ?? 0) - STEP * step;
    }
  }
  return weights;
}

function gradientOf(choices: readonly Choice[], weights: Float64Array): Float64Array {
  const gradient = new Float64Array(weights.length);
  for (const { alternatives, right, weight } of choices) {
    const all = softmax(alternatives.map((row) => dot(row, weights)));
    const mass = all.reduce((sum, p, at) => sum + (right[at] ? p : 0), 0);
    for (const [at, row] of alternatives.entries()) {
      const p = all[at] ?? 0;
      const push = weight * (p - (right[at] ? p / Math.max(mass, 1e-12) : 0));
      for (let j = 0; j < row.features.length; j++) {
        const feature = row.features[j] ?? 0;
        gradient[feature] = (gradient[feature] ?? 0) + push * (row.values[j] ?? 0);
      }
    }
  }
  return gradient;
}

function dot(row: SparseRow, weights: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < row.features.length; j++) {
    sum += (weights[row.features[j] ?? 0] ?? 0) * (row.values[j] ?? 0);
  }
  return sum;
}

function softmax(sums: readonly number[]): number[] {
  const highest = Math.max(...sums);
  const powers = sums.map((sum) => Math.exp(sum - highest));
  const total = powers.reduce((all, power) => all + power, 0);
  return powers.map((power) => power / total);
}
