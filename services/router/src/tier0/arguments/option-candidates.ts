import type { Option } from "../parameters/options.ts";
import type { Parameter } from "../parameters/parameter.ts";
import type { Utterance } from "../spans/utterance.ts";
import { GENERIC_WORDS, STOP_WORDS } from "../text/word-classes.ts";
import type { Candidate } from "./candidate.ts";

/** Options of the schema, or listed in the description, that the text names in full, by an alias or by one telling word. */
export function optionCandidates(parameter: Parameter, utterance: Utterance): Candidate[] {
  const found: Candidate[] = [];
  for (const option of parameter.options) {
    const best = bestMatch(option, utterance);
    if (best === undefined) continue;
    const { from, to, how } = best;
    const start = utterance.tokens[from]?.start ?? 0;
    const end = utterance.tokens[to - 1]?.end ?? start;
    const value = cased(parameter, option, utterance.text.slice(start, end));
    const tags = ["option", `option.${option.source}`, `option.${how}`];
    if (option.source === "description") tags.push(`option.described.${how}`);
    found.push({ value, text: String(value), start, end, from, to, tags });
  }
  return found;
}

/** Described values are examples of spelling; the user's own capitals are kept when the letters agree. */
function cased(parameter: Parameter, option: Option, said: string): Candidate["value"] {
  if (parameter.closed || typeof option.value !== "string") return option.value;
  return said.toLowerCase() === option.value.toLowerCase() ? said : option.value;
}

type Match = { from: number; to: number; how: "full" | "alias" | "synonym" | "partial" };

function bestMatch(option: Option, utterance: Utterance): Match | undefined {
  const full = findSequence(option.stems, utterance);
  if (full !== undefined) return { ...full, how: "full" };
  for (const alias of option.aliases) {
    const match = findSequence(alias, utterance);
    if (match !== undefined) return { ...match, how: "alias" };
    const key = alias.find((one) => one.length > 3 && !STOP_WORDS.has(one) && !GENERIC_WORDS.has(one));
    const partial = key === undefined ? undefined : findSequence([key], utterance);
    if (partial !== undefined) return { ...partial, how: "partial" };
  }
  return option.source === "enum"
    ? (synonymMatch(option, utterance) ?? partialMatch(option, utterance))
    : undefined;
}

/** "remove" asks for "delete", "medium" for "MID". */
function synonymMatch(option: Option, utterance: Utterance): Match | undefined {
  const [only] = option.stems;
  if (only === undefined || option.stems.length > 1) return undefined;
  for (const synonym of utterance.lexicon.synonyms.get(only) ?? []) {
    const found = findSequence([synonym], utterance);
    if (found !== undefined) return { ...found, how: "synonym" };
  }
  return undefined;
}

function findSequence(
  stems: readonly string[],
  utterance: Utterance,
): { from: number; to: number } | undefined {
  const [first] = stems;
  if (first === undefined || !stems.every((one) => utterance.stems.has(one))) return undefined;
  const { tokens } = utterance;
  for (let from = 0; from < tokens.length; from++) {
    if (tokens[from]?.stem !== first) continue;
    const to = sequenceEnd(stems, utterance, from);
    if (to !== undefined) return { from, to };
  }
  return undefined;
}

/** Marks between the words ("pet-friendly", "pet friendly") do not matter. */
function sequenceEnd(stems: readonly string[], utterance: Utterance, from: number): number | undefined {
  let at = from;
  for (const one of stems) {
    while (at > from && utterance.tokens[at]?.kind === "mark") at++;
    if (utterance.tokens[at]?.stem !== one) return undefined;
    at++;
  }
  return at;
}

/** One word of a longer option, or the same word with another ending: "toll roads" for "tolls", "rebound" for "Rebounds". */
function partialMatch(option: Option, utterance: Utterance): Match | undefined {
  for (const [from, token] of utterance.tokens.entries()) {
    if (token.kind !== "word" || token.stem.length < 4) continue;
    for (const one of option.stems) {
      if (one.length < 4 || STOP_WORDS.has(one) || GENERIC_WORDS.has(one)) continue;
      const same = one === token.stem ? option.stems.length > 1 : sharesStart(one, token.stem);
      if (same) return { from, to: from + 1, how: "partial" };
    }
  }
  return undefined;
}

function sharesStart(a: string, b: string): boolean {
  const [shorter, longer] = a.length < b.length ? [a, b] : [b, a];
  return shorter.length >= 4 && longer.startsWith(shorter) && longer.length - shorter.length <= 4;
}
