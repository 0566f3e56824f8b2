import type { Parameter } from "../parameters/parameter.ts";
import type { Utterance } from "../spans/utterance.ts";
import { STOP_WORDS } from "../text/word-classes.ts";

/** Where the text speaks of a parameter: token positions with the weight of what they name. */
export type CueSite = Readonly<{ at: number; weight: number; stem: string }>;

const SYNONYM_WEIGHT = 0.3;

/** Sites of name and description stems and of their synonyms. Cues that siblings share tell nothing and count half. */
export function cueSites(
  parameter: Parameter,
  siblings: readonly Parameter[],
  utterance: Utterance,
): CueSite[] {
  const weights = new Map<string, number>();
  for (const [stem, weight] of parameter.cues) {
    const shared = siblings.filter((other) => other !== parameter && other.cues.has(stem)).length;
    weights.set(stem, shared > 0 ? weight / (1 + shared) : weight);
  }
  for (const stem of parameter.nameStems) {
    for (const other of utterance.lexicon.synonyms.get(stem) ?? []) {
      if (!weights.has(other) && !siblings.some((sibling) => sibling.cues.has(other)))
        weights.set(other, SYNONYM_WEIGHT);
    }
  }
  const sites: CueSite[] = [];
  for (const [at, token] of utterance.tokens.entries()) {
    if (token.kind === "mark" || (STOP_WORDS.has(token.lower) && token.lower.length > 1)) continue;
    const weight = weights.get(token.stem) ?? weights.get(token.lower);
    if (weight !== undefined && !isArticle(utterance, at)) sites.push({ at, weight, stem: token.stem });
  }
  return sites;
}

/** "a" is the article unless something equals it: "a = 3", "a is 3", "where a". */
function isArticle(utterance: Utterance, at: number): boolean {
  if (utterance.tokens[at]?.lower !== "a") return false;
  const next = utterance.tokens[at + 1]?.lower;
  return next !== "=" && next !== "is" && next !== ":" && next !== "," && next !== "as";
}
