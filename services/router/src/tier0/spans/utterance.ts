import type { Lexicon } from "../lexicon/lexicon.ts";
import { type Token, tokenize } from "../text/tokens.ts";
import { type CodeSpan, findCodes } from "./codes.ts";
import { type DateSpan, findDates } from "./dates.ts";
import { type ExpressionSpan, findExpressions } from "./expressions.ts";
import { findKnown, type KnownSpan } from "./known.ts";
import { findNames, type NameSpan } from "./names.ts";
import { findNumbers, type NumberSpan } from "./numbers.ts";
import { findPhrases, type PhraseSpan } from "./phrases.ts";
import { findQuotes } from "./quotes.ts";
import { findRemainders, type RemainderSpan } from "./remainder.ts";
import type { Span } from "./span.ts";

/** One clause of a message and the spans in it, each kind found when first asked for. */
export type Utterance = Readonly<{
  text: string;
  lower: string;
  tokens: readonly Token[];
  stems: ReadonlySet<string>;
  lexicon: Lexicon;
  numbers(): readonly NumberSpan[];
  dates(): readonly DateSpan[];
  quotes(): readonly Span[];
  codes(): readonly CodeSpan[];
  names(): readonly NameSpan[];
  known(): readonly KnownSpan[];
  phrases(): readonly PhraseSpan[];
  expressions(): readonly ExpressionSpan[];
  remainders(): readonly RemainderSpan[];
}>;

export type Clock = Readonly<{ now: Date; timeZone: string }>;

export function readUtterance(text: string, lexicon: Lexicon, clock: Clock): Utterance {
  const tokens = tokenize(text);
  const numbers = once(() => findNumbers(text, tokens, lexicon.units));
  return {
    text,
    lower: text.toLowerCase(),
    tokens,
    stems: new Set(tokens.map((token) => token.stem)),
    lexicon,
    numbers,
    dates: once(() => findDates(text, clock.now, clock.timeZone)),
    quotes: once(() => findQuotes(text)),
    codes: once(() => findCodes(text)),
    names: once(() => findNames(text, tokens)),
    known: once(() => findKnown(text, tokens, lexicon)),
    phrases: once(() => findPhrases(text, tokens)),
    expressions: once(() => findExpressions(text, numbers())),
    remainders: once(() => findRemainders(text)),
  };
}

function once<T>(find: () => T): () => T {
  let found: { value: T } | undefined;
  return () => {
    found ??= { value: find() };
    return found.value;
  };
}
