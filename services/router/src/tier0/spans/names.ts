import type { Token } from "../text/tokens.ts";
import {
  AUXILIARIES,
  CONJUNCTIONS,
  FILLERS,
  PREPOSITIONS,
  PRONOUNS,
  REQUEST_VERBS,
} from "../text/word-classes.ts";
import type { Span } from "./span.ts";

export type NameSpan = Span &
  Readonly<{
    /** The first word of a sentence, where a capital says little. */
    sentenceStart: boolean;
    /** A whole run, a part of one between connectors, runs joined by commas ("Paris, France"), or a street address. */
    form: "whole" | "part" | "joined" | "address";
  }>;

const CONNECTORS = new Set(["of", "the", "de", "la", "von", "van", "and", "&", "del", "di"]);

/** Runs of capitalised words ("New York City", "Bank of America"), and pairs of them joined by a comma. */
export function findNames(text: string, tokens: readonly Token[]): NameSpan[] {
  const runs: Run[] = [];
  for (let i = 0; i < tokens.length; i++) {
    if (!startsName(tokens, i)) continue;
    const to = runEnd(text, tokens, i);
    runs.push({ from: i, to });
    i = to - 1;
  }
  const names: NameSpan[] = [];
  for (const [index, run] of runs.entries()) {
    names.push(nameSpan(text, tokens, run.from, run.to, "whole"));
    names.push(...withoutConnectors(text, tokens, run));
    names.push(...joinedRuns(text, tokens, runs, index));
  }
  return names;
}

type Run = { from: number; to: number };

const MOST_JOINED = 4;
const STREET =
  /\b(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|way|square|plaza|court|place)\.?$/i;

/** "Berkeley, CA, USA" in all its lengths; a house number in front of a street makes them addresses. */
function* joinedRuns(
  text: string,
  tokens: readonly Token[],
  runs: readonly Run[],
  index: number,
): Generator<NameSpan> {
  const first = runs[index];
  if (first === undefined) return;
  const street = STREET.test(text.slice(tokens[first.from]?.start, tokens[first.to - 1]?.end));
  const numbered = tokens[first.from - 1]?.kind === "number" && street;
  const from = numbered ? first.from - 1 : first.from;
  if (numbered) yield nameSpan(text, tokens, from, first.to, "address");
  let end = first.to;
  for (let next = index + 1; next < runs.length && next < index + MOST_JOINED; next++) {
    const run = runs[next];
    if (run === undefined || run.from !== end + 1 || tokens[end]?.text !== ",") return;
    end = run.to;
    yield nameSpan(text, tokens, from, end, numbered ? "address" : "joined");
  }
}

function startsName(tokens: readonly Token[], i: number): boolean {
  const token = tokens[i];
  if (token === undefined || !token.capital) return false;
  // "I", "I'm", "I've".
  if (/^I(?:['’]|$)/.test(token.text)) return false;
  return !(isSentenceStart(tokens, i) && isFunctionWord(token.lower));
}

function isFunctionWord(lower: string): boolean {
  return (
    PRONOUNS.has(lower) ||
    AUXILIARIES.has(lower) ||
    PREPOSITIONS.has(lower) ||
    CONJUNCTIONS.has(lower) ||
    REQUEST_VERBS.has(lower) ||
    FILLERS.has(lower) ||
    lower === "the" ||
    lower === "a" ||
    lower === "an"
  );
}

function isSentenceStart(tokens: readonly Token[], i: number): boolean {
  const before = tokens[i - 1]?.text;
  return before === undefined || /^[.!?:;"“\n-]$/.test(before);
}

function runEnd(text: string, tokens: readonly Token[], from: number): number {
  let end = from + 1;
  for (let i = from + 1; i < tokens.length && i < from + 10; i++) {
    const token = tokens[i];
    if (token === undefined) break;
    if (token.capital || (token.kind === "number" && touchesWord(text, tokens, i))) end = i + 1;
    else if (token.text === "." && isAbbreviation(tokens, i)) end = i + 1;
    else if (!isBridge(token, tokens[i + 1])) break;
  }
  return end;
}

/** "Maroon 5", "F1": a number directly behind a name belongs to it unless it is a year or a measure. */
function touchesWord(text: string, tokens: readonly Token[], i: number): boolean {
  const token = tokens[i];
  const before = tokens[i - 1];
  if (token === undefined || before === undefined || !before.capital) return false;
  return token.text.length <= 3 && text.slice(before.end, token.start).length <= 1;
}

function isAbbreviation(tokens: readonly Token[], i: number): boolean {
  const before = tokens[i - 1];
  const next = tokens[i + 1];
  if (before === undefined || before.end !== tokens[i]?.start) return false;
  if (before.text.length === 1) return true;
  return (
    /^(?:Mr|Mrs|Ms|Dr|St|Inc|Ltd|Corp|Co|Jr|Sr)$/.test(before.text) &&
    (next === undefined || next.capital || before.text === "Inc")
  );
}

function isBridge(token: Token, next: Token | undefined): boolean {
  if (next === undefined || !next.capital) return token.text === "-" || token.text === "&";
  return CONNECTORS.has(token.lower) || token.text === "-" || token.text === "'" || token.text === "’";
}

/** "Google and Apple" may be one name or two: both readings are offered. */
function* withoutConnectors(text: string, tokens: readonly Token[], run: Run): Generator<NameSpan> {
  let from = run.from;
  for (let i = run.from; i < run.to; i++) {
    const lower = tokens[i]?.lower ?? "";
    if (!CONNECTORS.has(lower) || tokens[i]?.capital) continue;
    if (i > from) yield nameSpan(text, tokens, from, i, "part");
    from = i + 1;
  }
  if (from > run.from && from < run.to) yield nameSpan(text, tokens, from, run.to, "part");
}

function nameSpan(
  text: string,
  tokens: readonly Token[],
  from: number,
  to: number,
  form: NameSpan["form"],
): NameSpan {
  const start = tokens[from]?.start ?? 0;
  const end = tokens[to - 1]?.end ?? start;
  const raw = text.slice(start, end);
  const possessive = /['’]s$/.exec(raw);
  const trimmed = possessive === null ? raw : raw.slice(0, -possessive[0].length);
  return {
    start,
    end: start + trimmed.length,
    text: trimmed,
    sentenceStart: isSentenceStart(tokens, from),
    form,
  };
}
