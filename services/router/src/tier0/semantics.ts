import type { Embedder } from "@forerun/embeddings/embedder";
import { Patience } from "./patience.ts";
import type { CompiledTool } from "./ranking/compiled-tool.ts";
import { ToolVectors } from "./ranking/tool-vectors.ts";

export type SemanticsOptions = Readonly<{
  embedder: Embedder;
  /** Hears of failures that nobody waits for: words decide alone then. */
  failed: (fault: unknown) => void;
}>;

/** How long a question's vector is worth waiting for, and who makes it: the tools' embedder in another form. */
export type InTime = Readonly<{ waitMs: number; signal: AbortSignal; embedder?: Embedder | undefined }>;

/** After a failure no catalogue is tried for so long, in milliseconds: it is much to ask of an embedder that is down. */
const REST_MS = 30_000;
/** A question's embedding is of use to later questions for a while, but not for longer than this. */
const LONGEST_EMBEDDING_MS = 5_000;

/** The vectors of tools and questions by one embedder, for callers that can do without. */
export class Semantics {
  readonly #embedder: Embedder;
  readonly #failed: (fault: unknown) => void;
  readonly #vectors: ToolVectors;
  readonly #patience = new Patience();
  #restsUntil = 0;

  constructor({ embedder, failed }: SemanticsOptions) {
    this.#embedder = embedder;
    this.#failed = failed;
    this.#vectors = new ToolVectors(embedder);
  }

  /** The tools' vectors, in their order; else undefined, and they are made behind. */
  known(tools: readonly CompiledTool[]): readonly Float32Array[] | undefined {
    const known = this.#vectors.known(tools);
    if (known === undefined) this.makeBehind(tools);
    return known;
  }

  /** Begins to make the tools' vectors. */
  makeBehind(tools: readonly CompiledTool[]): void {
    if (performance.now() < this.#restsUntil) return;
    this.#vectors.make(tools).catch((fault) => {
      this.#restsUntil = performance.now() + REST_MS;
      this.#failed(fault);
    });
  }

  /** Resolves when the tools' vectors are made. Rejects with what the embedder says. */
  make(tools: readonly CompiledTool[]): Promise<void> {
    return this.#vectors.make(tools);
  }

  /** Vectors of texts, in their order. Rejects with what the embedder says, or the signal's reason. */
  embed(texts: readonly string[], signal: AbortSignal): Promise<readonly Float32Array[]> {
    return this.#embedder.embed(texts, signal);
  }

  /**
   * As `embed`, by `embedder` where it is given, but undefined when it takes longer than `waitMs`, did so of late, or fails.
   * Rejects with the signal's reason.
   */
  embedInTime(
    texts: readonly string[],
    { waitMs, signal, embedder = this.#embedder }: InTime,
  ): Promise<readonly Float32Array[] | undefined> {
    const work = () =>
      embedder.embed(texts, AbortSignal.timeout(LONGEST_EMBEDDING_MS)).catch((fault) => {
        this.#failed(fault);
        return undefined;
      });
    return this.#patience.within(waitMs, work, signal);
  }
}
