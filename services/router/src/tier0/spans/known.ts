import type { Lexicon } from "../lexicon/lexicon.ts";
import type { Token } from "../text/tokens.ts";
import type { Span } from "./span.ts";
import { unitNamed } from "./units.ts";

export type KnownSpan = Span &
  Readonly<{
    known: "zone" | "city" | "country" | "state" | "currency" | "language" | "unit";
    value: string;
  }>;

const LONGEST = 4;
/** Codes that are no words, and so stand in lower case too. */
const TRADED = new Set(
  "usd eur gbp jpy chf aud nzd nok sek dkk cny inr pln czk huf brl mxn zar krw sgd hkd".split(" "),
);

/** Places, zones, currencies and languages that the lexicon holds; the longest name at a position wins within its kind. */
export function findKnown(text: string, tokens: readonly Token[], lexicon: Lexicon): KnownSpan[] {
  const found: KnownSpan[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const seen = new Set<string>();
    for (let length = Math.min(LONGEST, tokens.length - i); length >= 1; length--) {
      const first = tokens[i];
      const last = tokens[i + length - 1];
      if (first === undefined || last === undefined) continue;
      const span = { start: first.start, end: last.end, text: text.slice(first.start, last.end) };
      for (const hit of lookup(span, first.capital, lexicon)) {
        if (!seen.has(hit.known)) found.push(hit);
        seen.add(hit.known);
      }
    }
  }
  return withoutInner(found);
}

function* lookup(span: Span, capital: boolean, lexicon: Lexicon): Generator<KnownSpan> {
  const key = span.text.toLowerCase();
  const zone = lexicon.zones.get(key);
  if (zone !== undefined && key.length > 1) yield { ...span, known: "zone", value: zone };
  if (lexicon.cities.has(key)) yield { ...span, known: "city", value: span.text };
  if (lexicon.countries.has(key) && (capital || key.length > 3))
    yield { ...span, known: "country", value: span.text };
  const state = lexicon.states.get(key);
  if (state !== undefined && (key.length > 2 || span.text === key.toUpperCase()))
    yield { ...span, known: "state", value: state };
  const currency = lexicon.currencies.get(key);
  if (
    currency !== undefined &&
    (key.length !== 3 || span.text === currency || key === "yen" || key === "won" || TRADED.has(key))
  ) {
    yield { ...span, known: "currency", value: currency };
  }
  const unit = unitNamed(key, lexicon.units);
  if (unit !== undefined && (key.length > 1 || span.text !== key.toUpperCase())) {
    if (key !== "a" && key !== "second" && key !== "people")
      yield { ...span, known: "unit", value: span.text.slice(key.length - unit.length) };
  }
  const language = lexicon.languages.get(key);
  if (language !== undefined && (capital || key.length > 5))
    yield { ...span, known: "language", value: language };
}

function withoutInner(found: readonly KnownSpan[]): KnownSpan[] {
  return found.filter(
    (span) =>
      !found.some(
        (other) =>
          other.known === span.known &&
          other.start <= span.start &&
          span.end <= other.end &&
          other.end - other.start > span.end - span.start,
      ),
  );
}
