import { decide, type Tier0Question } from "./decision/decide.ts";
import type { Prior } from "./decision/draft.ts";
import type { Means } from "./decision/means.ts";
import type { Tier0Decision } from "./decision/tier0-decision.ts";
import { ArgumentValidator } from "./decision/validator.ts";
import type { ToolIndex } from "./ranking/tool-index.ts";
import { Registry } from "./registry.ts";
import type { ToolDefinition } from "./tool-definition.ts";

/** The router without a model: ranks tools, reads their arguments from the text, decides. Knows no registry of its own. */
export class Tier0 {
  readonly #registry: Registry;
  readonly #means: Means;

  constructor(prior: Prior) {
    this.#registry = new Registry(prior.lexicon);
    this.#means = { prior, validator: new ArgumentValidator() };
  }

  /** Reads tools for deciding among them; definitions seen before are not read again. */
  register(tools: readonly ToolDefinition[], signal?: AbortSignal): Promise<ToolIndex> {
    return this.#registry.index(tools, signal);
  }

  decide(index: ToolIndex, question: Tier0Question): Tier0Decision {
    return decide(index, question, this.#means);
  }
}
