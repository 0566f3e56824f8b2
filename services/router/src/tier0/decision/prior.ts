import { buildLexicon } from "../lexicon/lexicon.ts";
import { ARGUMENT_WEIGHTS } from "../prior/argument-weights.ts";
import { SCOPE_WEIGHTS } from "../prior/scope-weights.ts";
import type { Prior } from "./draft.ts";

/** The prior that ships: fitted on public sets, not on any deployment's own turns. */
export function createPrior(): Prior {
  return {
    lexicon: buildLexicon(),
    arguments: new Map(Object.entries(ARGUMENT_WEIGHTS)),
    scope: SCOPE_WEIGHTS,
  };
}
