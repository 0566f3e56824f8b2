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
    /** Two names joined by a comma: "Paris, France". */
    joined: boolean;
  }>;

const CONNECTORS = new Set(["of", "the", "de", "la", "von", "van", "and", "&", "del", "di"]);

/** Runs of capitalised words ("New York City", "Bank of America"), and pairs of them joined by a comma. */
export function findNames(text: string, tokens: readonly Token[]): NameSpan[] {
  const runs: { from: number; to: number }[] = [];
  for (let i = 0; i < tokens.length; i++) {
    if (!startsName(tokens, i)) continue;
    const to = runEnd(text, tokens, i);
    runs.push({ from: i, to });
    i = to - 1;
  }
  const names: NameSpan[] = [];
  for (const [index, run] of runs.entries()) {
    names.push(nameSpan(text, tokens, run.from, run.to, false));
    names.push(...withoutConnectors(text, tokens, run));
    const next = runs[index + 1];
    if (next !== undefined && next.from === run.to + 1 && tokens[run.to]?.text === ",") {
      names.push(nameSpan(text, tokens, run.from, next.to, true));
    }
  }
  return names;
}

function startsName(tokens: readonly Token[], i: number): boolean {
  const token = tokens[i];
  if (token === undefined || !token.capital) return false;
  if (token.text === "I") return false;
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
function* withoutConnectors(
  text: string,
  tokens: readonly Token[],
  run: { from: number; to: number },
): Generator<NameSpan> {
  let from = run.from;
  for (let i = run.from; i < run.to; i++) {
    const lower = tokens[i]?.lower ?? "";
    if (!CONNECTORS.has(lower) || tokens[i]?.capital) continue;
    if (i > from) yield nameSpan(text, tokens, from, i, false);
    from = i + 1;
  }
  if (from > run.from && from < run.to) yield nameSpan(text, tokens, from, run.to, false);
}

function nameSpan(
  text: string,
  tokens: readonly Token[],
  from: number,
  to: number,
  joined: boolean,
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
    joined,
  };
}
