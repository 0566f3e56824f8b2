import { stem } from "../text/stem.ts";

const PAIR_WEIGHT = 0.5;

/**
 * Stems of an utterance and of its neighbouring words. Function words stay: "how do I say" asks for another tool than "say it". Numbers
 * fill slots and go.
 */
export function exampleTerms(words: readonly string[]): Map<string, number> {
  const stems = words.filter((word) => !/^\p{Nd}+$/u.test(word)).map(stem);
  const terms = new Map<string, number>();
  for (const [at, one] of stems.entries()) {
    terms.set(one, (terms.get(one) ?? 0) + 1);
    const next = stems[at + 1];
    if (next === undefined) continue;
    const pair = `${one} ${next}`;
    terms.set(pair, (terms.get(pair) ?? 0) + PAIR_WEIGHT);
  }
  return terms;
}
