import type { Extraction } from "../arguments/extract.ts";
import { type Ranked, saysSynonym } from "../ranking/rank.ts";
import type { Utterance } from "../spans/utterance.ts";
import { FILLERS, GENERIC_WORDS, STOP_WORDS } from "../text/word-classes.ts";

const LIKE_EXAMPLE = 0.6;
const UNLIKE_EXAMPLE = 0.25;

/** What tells whether a message wants the tool it ranks first. */
export function scopeFeatures(
  ranked: Ranked,
  rival: Ranked | undefined,
  extraction: Extraction,
  utterance: Utterance,
  tools: number,
): Readonly<Record<string, number>> {
  const required = extraction.assignments.filter(({ parameter }) => parameter.required);
  const needs = required.length;
  const explained = explainedShare(ranked, extraction, utterance);
  return {
    bias: 1,
    score: ranked.score,
    terms: ranked.terms,
    characters: ranked.characters,
    coverage: ranked.coverage,
    name: ranked.name,
    nameless: ranked.name === 0 ? 1 : 0,
    ...(ranked.meaning !== undefined && { meaning: ranked.meaning }),
    example: ranked.example,
    examples: ranked.tool.examples.length > 0 ? 1 : 0,
    likeExample: ranked.example >= LIKE_EXAMPLE ? 1 : 0,
    unlikeExample:
      ranked.tool.examples.length > 0 && ranked.example < UNLIKE_EXAMPLE && saysWords(utterance) ? 1 : 0,
    margin: rival === undefined ? 0.2 : ranked.score - rival.score,
    single: tools === 1 ? 1 : 0,
    tools: Math.log10(tools),
    length: Math.min(utterance.tokens.length, 60) / 20,
    complete: extraction.missing.length === 0 ? 1 : 0,
    demanding: extraction.missing.length === 0 ? Math.min(needs, 3) : 0,
    parameterless: ranked.tool.parameters.length === 0 ? 1 : 0,
    filled: Math.min(extraction.filled, 4),
    typed: typedValues(extraction) > 0 ? 1 : 0,
    arguments: Math.max(-6, Math.log(extraction.probability + 1e-9)),
    explained: explained.share,
    unexplained: Math.min(explained.rest, 8) / 4,
  };
}

const TYPED = /^(?:expression\.arithmetic|known\.coded|known\.unit|code\.(?:email|url)|date\.formatted)$/;

/** "17% of 2400" has no words that could be like an example or not. */
function saysWords({ tokens }: Utterance): boolean {
  return tokens.some(({ kind, lower }) => kind === "word" && !STOP_WORDS.has(lower));
}

/** Values whose very form fits their parameter: arithmetic for an expression, a zone for a zone. */
function typedValues(extraction: Extraction): number {
  return extraction.assignments.filter(({ candidate }) => candidate?.tags.some((tag) => TYPED.test(tag)))
    .length;
}

/** Content words that the tool's own words or the extracted values account for. */
function explainedShare(
  ranked: Ranked,
  extraction: Extraction,
  utterance: Utterance,
): { share: number; rest: number } {
  const taken = extraction.assignments.flatMap(({ candidate }) =>
    candidate === undefined || candidate.from < 0 || candidate.tags.includes("remainder.all")
      ? []
      : [candidate],
  );
  let content = 0;
  let explained = 0;
  for (const [at, token] of utterance.tokens.entries()) {
    if (
      token.kind === "mark" ||
      STOP_WORDS.has(token.lower) ||
      GENERIC_WORDS.has(token.lower) ||
      FILLERS.has(token.lower)
    )
      continue;
    content++;
    const known =
      ranked.tool.terms.has(token.stem) ||
      saysSynonym(ranked.tool, utterance.lexicon.synonyms.get(token.stem)) ||
      taken.some(({ from, to }) => from <= at && at < to);
    if (known) explained++;
  }
  return { share: content === 0 ? 0 : explained / content, rest: content - explained };
}
