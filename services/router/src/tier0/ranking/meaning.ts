/** What a question and the tools mean to one embedder, for ranking: an index that knows it ranks by meaning too. */
import { cosine } from "@forerun/embeddings/cosine";
import type { ToolIndex } from "./tool-index.ts";

export type Meaning = Readonly<{
  /** How near a text is to each tool, by the tool's number, about -1 to 1; undefined when the text has no vector. */
  likeness(text: string): Float32Array | undefined;
}>;

/** The index, ranking by meaning where the texts are known. */
export function withMeaning(index: ToolIndex, meaning: Meaning): ToolIndex {
  return { ...index, meaning };
}

/**
 * Of vectors that are known: `tools` by the tool's number in the index, `texts` by the text itself. A text without a vector is
 * noted in `unknown`, so that one reading of a question tells which texts its ranking asks about.
 */
export class KnownMeaning implements Meaning {
  readonly unknown = new Set<string>();
  readonly #tools: readonly Float32Array[];
  readonly #texts: ReadonlyMap<string, Float32Array>;

  constructor(tools: readonly Float32Array[], texts: ReadonlyMap<string, Float32Array>) {
    this.#tools = tools;
    this.#texts = texts;
  }

  likeness(text: string): Float32Array | undefined {
    const vector = this.#texts.get(text);
    if (vector !== undefined) return Float32Array.from(this.#tools, (tool) => cosine(tool, vector));
    this.unknown.add(text);
    return undefined;
  }
}
