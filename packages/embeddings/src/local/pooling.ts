/** How a sentence's vector is made of its tokens' vectors: their mean, or the first one's ([CLS]). */
export type Pooling = "mean" | "first";

/**
 * The sentence's vector, of length 1, from one text's token vectors (tokens × dimension numbers, row by row; no padding).
 * Reimers and Gurevych 2019, section 3.
 */
export function poolTokens(tokens: Float32Array, dimension: number, pooling: Pooling): Float32Array {
  const pooled = new Float32Array(dimension);
  const read = pooling === "first" ? dimension : tokens.length;
  for (let at = 0; at < read; at++)
    pooled[at % dimension] = (pooled[at % dimension] ?? 0) + (tokens[at] ?? 0);
  return toUnitLength(pooled);
}

/** Scales a vector to length 1, in place; a vector of nothing stays nothing. */
export function toUnitLength(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const length = Math.sqrt(squares);
  if (length > 0) for (let at = 0; at < vector.length; at++) vector[at] = (vector[at] ?? 0) / length;
  return vector;
}
