import { decide, type Tier0Question } from "./decision/decide.ts";
import type { Prior } from "./decision/draft.ts";
import type { Means } from "./decision/means.ts";
import type { Tier0Decision } from "./decision/tier0-decision.ts";
import { ArgumentValidator } from "./decision/validator.ts";
import { KnownMeaning, withMeaning } from "./ranking/meaning.ts";
import type { ToolIndex } from "./ranking/tool-index.ts";
import { Registry } from "./registry.ts";
import { type InTime, Semantics, type SemanticsOptions } from "./semantics.ts";
import type { ToolDefinition } from "./tool-definition.ts";

type Embed = (semantics: Semantics, texts: readonly string[]) => Promise<readonly Float32Array[] | undefined>;

/** The router without a model: ranks tools, reads their arguments from the text, decides. Knows no registry of its own. */
export class Tier0 {
  readonly #registry: Registry;
  readonly #means: Means;
  readonly #semantics: Semantics | undefined;

  /** With an embedder it decides by meaning too. */
  constructor(prior: Prior, semantics?: SemanticsOptions) {
    this.#registry = new Registry(prior.lexicon);
    this.#means = { prior, validator: new ArgumentValidator() };
    this.#semantics = semantics && new Semantics(semantics);
  }

  /** Names what it decides by; a deployment's calibration has a version of its own. */
  get policyVersion(): string {
    return this.#means.prior.version;
  }

  /** Checks arguments against tools' schemas; what it has compiled serves every tier. */
  get validator(): ArgumentValidator {
    return this.#means.validator;
  }

  /**
   * Reads tools for deciding among them; definitions seen before are not read again. Learning from their examples and embedding
   * them begin, and go on behind.
   */
  async register(tools: readonly ToolDefinition[], signal?: AbortSignal): Promise<ToolIndex> {
    const index = await this.#registry.index(tools, signal);
    // Rejects only when the signal ends it; who wants to know asks `learnt`.
    index.examples?.learn(signal).catch(() => {});
    this.#semantics?.makeBehind(index.tools);
    return index;
  }

  /** Resolves when all is learnt from the examples of an index's tools. */
  async learnt(index: ToolIndex): Promise<void> {
    await index.examples?.learn();
  }

  /** Resolves when the tools of an index are embedded. Rejects with what the embedder says. */
  async embedded(index: ToolIndex): Promise<void> {
    await this.#semantics?.make(index.tools);
  }

  /** By the words alone, at once. */
  decide(index: ToolIndex, question: Tier0Question): Tier0Decision {
    return decide(index, question, this.#means);
  }

  /**
   * By words and meaning. Undefined where only words can tell: no embedder, tools that are not embedded yet, or a question that
   * ranks none. Rejects with what the embedder says, or the signal's reason.
   */
  decideByMeaning(
    index: ToolIndex,
    question: Tier0Question,
    signal: AbortSignal,
  ): Promise<Tier0Decision | undefined> {
    return this.#decideTwice(index, question, (semantics, texts) => semantics.embed(texts, signal));
  }

  /**
   * As `decideByMeaning`, but undefined also when embedding the question takes longer than `waitMs`, did so of late, or fails.
   * Rejects with the signal's reason.
   */
  decideInTime(
    index: ToolIndex,
    question: Tier0Question,
    bounds: InTime,
  ): Promise<Tier0Decision | undefined> {
    return this.#decideTwice(index, question, (semantics, texts) => semantics.embedInTime(texts, bounds));
  }

  /**
   * The index as it ranks this question by meaning: for who reads one question more than once. Undefined and rejects as
   * `decideByMeaning`.
   */
  indexByMeaning(
    index: ToolIndex,
    question: Tier0Question,
    signal: AbortSignal,
  ): Promise<ToolIndex | undefined> {
    return this.#knowing(index, question, (semantics, texts) => semantics.embed(texts, signal));
  }

  async #decideTwice(
    index: ToolIndex,
    question: Tier0Question,
    embed: Embed,
  ): Promise<Tier0Decision | undefined> {
    const knowing = await this.#knowing(index, question, embed);
    return knowing && this.decide(knowing, question);
  }

  /** A first reading tells which texts are ranked: the whole question, its clauses, or it with the turn before. */
  async #knowing(index: ToolIndex, question: Tier0Question, embed: Embed): Promise<ToolIndex | undefined> {
    const tools = this.#semantics?.known(index.tools);
    if (this.#semantics === undefined || tools === undefined) return undefined;
    const asked = new KnownMeaning(tools, new Map());
    this.decide(withMeaning(index, asked), question);
    const texts = [...asked.unknown];
    const vectors = texts.length === 0 ? undefined : await embed(this.#semantics, texts);
    if (vectors === undefined) return undefined;
    const known = new Map(vectors.map((vector, at) => [texts[at] ?? "", vector]));
    return withMeaning(index, new KnownMeaning(tools, known));
  }
}
