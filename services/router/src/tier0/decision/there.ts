import type { Lexicon } from "../lexicon/lexicon.ts";
import { findKnown } from "../spans/known.ts";
import { findNames } from "../spans/names.ts";
import { type Token, tokenize } from "../text/tokens.ts";

const PLACES = new Set(["city", "country", "zone"]);
const AT = new Set(["in", "at", "of", "for", "to", "near", "around", "from", "is"]);
/** "there is", "are there" speak of no place. */
const BEING = new Set(["is", "are", "was", "were", "be", "isn't", "aren't", "will", "has", "have", "any"]);

/** The text with the place that its "there" or "its" stands for, where it names none itself and an earlier text did. */
export function withPlaceOf(text: string, earlier: readonly string[], lexicon: Lexicon): string {
  const tokens = tokenize(text);
  const pointer = tokens.find((token, at) => pointsAtPlace(tokens, at, token));
  if (pointer === undefined || placesOf(text, tokens, lexicon).length > 0) return text;
  const place = earlier
    .toReversed()
    .map((before) => placesOf(before, tokenize(before), lexicon).at(-1))
    .find((found) => found !== undefined);
  if (place === undefined) return text;
  const said = pointer.lower === "its" ? `${place}'s` : `in ${place}`;
  return text.slice(0, pointer.start) + said + text.slice(pointer.end);
}

function pointsAtPlace(tokens: readonly Token[], at: number, { lower }: Token): boolean {
  if (lower === "its") return true;
  if (lower !== "there") return false;
  const [before, next] = [tokens[at - 1]?.lower ?? "", tokens[at + 1]?.lower ?? ""];
  return (
    at > 0 &&
    !BEING.has(next) &&
    !(BEING.has(before) && /^\p{L}/u.test(next) && next !== "right" && next !== "now")
  );
}

/** Places in their order: those that are known, and names behind a word that leads to one. */
function placesOf(text: string, tokens: readonly Token[], lexicon: Lexicon): string[] {
  const known = findKnown(text, tokens, lexicon).filter(
    (span) => PLACES.has(span.known) && /^\p{Lu}/u.test(span.text),
  );
  const names = findNames(text, tokens).filter(
    ({ start, form }) =>
      form === "whole" && AT.has(tokens[tokens.findIndex((token) => token.start === start) - 1]?.lower ?? ""),
  );
  return [...known, ...names].sort((a, b) => a.start - b.start).map((span) => span.text);
}
