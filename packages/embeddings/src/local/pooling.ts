import { toUnitLength } from "../to-unit-length.ts";

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
