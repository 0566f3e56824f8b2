import type { Parameter } from "../parameters/parameter.ts";
import type { Utterance } from "../spans/utterance.ts";
import { stem } from "../text/stem.ts";
import { GENERIC_WORDS, NEGATIONS, STOP_WORDS } from "../text/word-classes.ts";
import type { Candidate } from "./candidate.ts";

const EMPTY_WORDS = new Set(
  [
    "is",
    "has",
    "only",
    "whether",
    "if",
    "flag",
    "enable",
    "enabled",
    "set",
    "true",
    "false",
    "should",
    "return",
    "or",
  ].map(stem),
);

/** True and false, each with tags that tell how much of the parameter's name and description the text names. */
export function booleanCandidates(parameter: Parameter, utterance: Utterance): Candidate[] {
  const telling = parameter.nameStems.filter((one) => !EMPTY_WORDS.has(one) && !isCommon(one));
  const named = matched(utterance, telling);
  const described = matched(
    utterance,
    [...parameter.cues.keys()].filter((one) => !EMPTY_WORDS.has(one)),
  );
  const at = named.first ?? described.first;
  const negated = at !== undefined && isNegated(utterance, at);
  const tags = [
    telling.length === 0
      ? "flag.unnamed"
      : named.count === telling.length
        ? "flag.named"
        : named.count > 0
          ? "flag.partly"
          : "flag.silent",
    described.count === 0
      ? "flag.undescribed"
      : described.count === 1
        ? "flag.described.1"
        : "flag.described.2",
    ...(negated ? ["flag.negated"] : []),
    ...(parameter.fallback === undefined ? [] : [`flag.default.${String(parameter.fallback)}`]),
    ...(parameter.required ? ["flag.required"] : []),
  ];
  const place = at === undefined ? { start: -1, end: -1, from: -1, to: -1 } : placeOf(utterance, at);
  return [true, false].map((value) => ({
    value,
    text: String(value),
    ...place,
    tags: tags.map((tag) => `${tag}=${value}`),
  }));
}

function isCommon(one: string): boolean {
  return (STOP_WORDS.has(one) || GENERIC_WORDS.has(one)) && !/detail/.test(one);
}

function matched(
  utterance: Utterance,
  stems: readonly string[],
): { count: number; first: number | undefined } {
  let count = 0;
  let first: number | undefined;
  for (const one of new Set(stems)) {
    const at = utterance.tokens.findIndex((token) => token.kind === "word" && related(token.stem, one));
    if (at < 0) continue;
    count++;
    first ??= at;
  }
  return { count, first };
}

function related(said: string, wanted: string): boolean {
  if (said === wanted) return true;
  const shorter = Math.min(said.length, wanted.length);
  return shorter >= 5 && said.slice(0, shorter) === wanted.slice(0, shorter);
}

const NEGATION_REACH = 4;

function isNegated(utterance: Utterance, at: number): boolean {
  return utterance.tokens
    .slice(Math.max(0, at - NEGATION_REACH), at)
    .some((token) => NEGATIONS.has(token.lower));
}

function placeOf(utterance: Utterance, at: number): { start: number; end: number; from: number; to: number } {
  const token = utterance.tokens[at];
  return { start: token?.start ?? -1, end: token?.end ?? -1, from: at, to: at + 1 };
}
