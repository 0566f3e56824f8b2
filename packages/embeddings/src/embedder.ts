/**
 * Turns texts into vectors. Texts that mean alike get vectors of a high cosine; vectors of two embedders say nothing about each
 * other, so `id` belongs into every key and index that keeps them.
 */
export type Embedder = Readonly<{
  /** Names the model and how it is run: equal ids give equal vectors. */
  id: string;
  /** Numbers in a vector; undefined until an endpoint has given its first one. */
  dimension: number | undefined;
  /**
   * One vector of length 1 a text, in the order of the texts; an empty text gets one too. Throws ForerunError when the model
   * cannot be run or reached, and the signal's reason when it aborts. A request to an endpoint shows in `trace`, a W3C context.
   */
  embed(texts: readonly string[], signal: AbortSignal, trace?: string): Promise<Float32Array[]>;
}>;
