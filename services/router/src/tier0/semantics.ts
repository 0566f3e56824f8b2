import type { Embedder } from "@forerun/embeddings/embedder";
import { rememberTexts } from "@forerun/embeddings/remember-texts";
import { Patience } from "./patience.ts";
import type { CompiledTool } from "./ranking/compiled-tool.ts";
import { ToolVectors } from "./ranking/tool-vectors.ts";

export type SemanticsOptions = Readonly<{
  embedder: Embedder;
  /** Hears of failures that nobody waits for: words decide alone then. */
  failed: (fault: unknown) => void;
}>;

/** After a failure no catalogue is tried for so long, in milliseconds: it is much to ask of an embedder that is down. */
const REST_MS = 30_000;
/** A question's embedding is of use to later questions for a while, but not for longer than this. */
const LONGEST_EMBEDDING_MS = 5_000;

/** Texts of questions whose vectors are kept: 1.5 kB each. */
const MOST_QUESTIONS = 4_096;

/** The vectors of tools and questions by one embedder, for callers that can do without. */
export class Semantics {
  readonly #questions: Embedder;
  readonly #failed: (fault: unknown) => void;
  readonly #vectors: ToolVectors;
  readonly #patience = new Patience();
  #restsUntil = 0;

  constructor({ embedder, failed }: SemanticsOptions) {
    this.#questions = rememberTexts(embedder, MOST_QUESTIONS);
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
    return this.#questions.embed(texts, signal);
  }

  /** As `embed`, but undefined when it takes longer than `waitMs`, did so of late, or fails. Rejects with the signal's reason. */
  embedInTime(
    texts: readonly string[],
    waitMs: number,
    signal: AbortSignal,
  ): Promise<readonly Float32Array[] | undefined> {
    const work = () =>
      this.#questions.embed(texts, AbortSignal.timeout(LONGEST_EMBEDDING_MS)).catch((fault) => {
        this.#failed(fault);
        return undefined;
      });
    return this.#patience.within(waitMs, work, signal);
  }
}
