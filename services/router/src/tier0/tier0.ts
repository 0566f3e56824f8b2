import type { Embedder } from "@forerun/embeddings/embedder";
import { decide, type Tier0Question } from "./decision/decide.ts";
import type { Prior } from "./decision/draft.ts";
import type { Means } from "./decision/means.ts";
import type { Tier0Decision } from "./decision/tier0-decision.ts";
import { ArgumentValidator } from "./decision/validator.ts";
import { KnownMeaning, withMeaning } from "./ranking/meaning.ts";
import type { ToolIndex } from "./ranking/tool-index.ts";
import { ToolVectors } from "./ranking/tool-vectors.ts";
import { Registry } from "./registry.ts";
import type { ToolDefinition } from "./tool-definition.ts";

/** The router without a model: ranks tools, reads their arguments from the text, decides. Knows no registry of its own. */
export class Tier0 {
  readonly #registry: Registry;
  readonly #means: Means;
  readonly #embedder: Embedder | undefined;
  readonly #vectors: ToolVectors | undefined;

  /** With an embedder it also decides by meaning. */
  constructor(prior: Prior, embedder?: Embedder) {
    this.#registry = new Registry(prior.lexicon);
    this.#means = { prior, validator: new ArgumentValidator() };
    this.#embedder = embedder;
    this.#vectors = embedder && new ToolVectors(embedder);
  }

  /** Reads tools for deciding among them by their words; definitions seen before are not read again. */
  register(tools: readonly ToolDefinition[], signal?: AbortSignal): Promise<ToolIndex> {
    return this.#registry.index(tools, signal);
  }

  /** Embeds the tools of an index, so that they can be ranked by meaning. Rejects with what the embedder says. */
  async embed(index: ToolIndex): Promise<void> {
    await this.#vectors?.make(index.tools);
  }

  /** By the words alone, at once. */
  decide(index: ToolIndex, question: Tier0Question): Tier0Decision {
    return decide(index, question, this.#means);
  }

  /**
   * By words and meaning. Undefined where only words can tell: no embedder, tools that are not embedded yet, or a question that
   * ranks none. Rejects with what the embedder says, or the signal's reason.
   */
  async decideByMeaning(
    index: ToolIndex,
    question: Tier0Question,
    signal: AbortSignal,
  ): Promise<Tier0Decision | undefined> {
    const tools = this.#vectors?.known(index.tools);
    if (tools === undefined || this.#embedder === undefined) return undefined;
    // A first reading says which texts are ranked: the whole question, its clauses, or it with the turn before.
    const asked = new KnownMeaning(tools, new Map());
    this.decide(withMeaning(index, asked), question);
    if (asked.unknown.size === 0) return undefined;
    const texts = [...asked.unknown];
    const vectors = await this.#embedder.embed(texts, signal);
    const known = new Map(vectors.map((vector, at) => [texts[at] ?? "", vector]));
    return this.decide(withMeaning(index, new KnownMeaning(tools, known)), question);
  }
}
