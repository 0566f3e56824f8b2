import type { Embedder } from "@forerun/embeddings/embedder";
import type { CompiledTool } from "./compiled-tool.ts";
import { toolTexts, type WeighedTexts } from "./tool-texts.ts";

/** Longest wait for a catalogue. Ten thousand tools take a local model a minute or two. */
const LONGEST_MS = 600_000;

/** One vector a tool, by one embedder; a definition is embedded once, however often it appears. */
export class ToolVectors {
  readonly #embedder: Embedder;
  readonly #vectors = new WeakMap<CompiledTool, Float32Array>();
  readonly #making = new WeakMap<CompiledTool, Promise<void>>();

  constructor(embedder: Embedder) {
    this.#embedder = embedder;
  }

  /** The tools' vectors, in their order; undefined until all are made. */
  known(tools: readonly CompiledTool[]): Float32Array[] | undefined {
    const vectors = tools.flatMap((tool) => this.#vectors.get(tool) ?? []);
    return vectors.length === tools.length ? vectors : undefined;
  }

  /** Makes the vectors that are missing. Rejects with what the embedder says. */
  async make(tools: readonly CompiledTool[]): Promise<void> {
    const missing = tools.filter((tool) => !this.#vectors.has(tool));
    const fresh = missing.filter((tool) => !this.#making.has(tool));
    if (fresh.length > 0) {
      const work = this.#embed(fresh);
      for (const tool of fresh) this.#making.set(tool, work);
    }
    await Promise.all(missing.map((tool) => this.#making.get(tool)));
  }

  async #embed(tools: readonly CompiledTool[]): Promise<void> {
    const parts = tools.map(toolTexts);
    const texts = [...new Set(parts.flat().flatMap((part) => part.texts))];
    try {
      const vectors = await this.#embedder.embed(texts, AbortSignal.timeout(LONGEST_MS));
      const known = new Map(vectors.map((vector, at) => [texts[at] ?? "", vector]));
      for (const [at, tool] of tools.entries()) this.#vectors.set(tool, combine(parts[at] ?? [], known));
    } finally {
      for (const tool of tools) this.#making.delete(tool);
    }
  }
}

/**
 * The weighted sum of the parts' mean vectors, each scaled to length 1: its product with a question's vector is the weighted
 * sum of their cosines, so that one vector a tool is enough.
 */
function combine(parts: readonly WeighedTexts[], known: ReadonlyMap<string, Float32Array>): Float32Array {
  const dimension = known.values().next().value?.length ?? 0;
  const sum = new Float32Array(dimension);
  for (const { weight, texts } of parts) {
    const mean = new Float32Array(dimension);
    for (const text of texts) add(mean, known.get(text) ?? new Float32Array(dimension), 1);
    const length = Math.hypot(...mean);
    if (length > 0) add(sum, mean, weight / length);
  }
  return sum;
}

function add(sum: Float32Array, vector: Float32Array, weight: number): void {
  for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] ?? 0) + weight * (vector[at] ?? 0);
}
