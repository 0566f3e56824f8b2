import { findQuotes } from "./spans/quotes.ts";
import { type Token, tokenize } from "./text/tokens.ts";
import { AUXILIARIES, REQUEST_VERBS } from "./text/word-classes.ts";

export type Clause = Readonly<{ start: number; end: number; text: string }>;

const MOST_CLAUSES = 12;
const OPENERS = new Set(
  "what what's who where where's when why how which whose whats hows wheres also then".split(" "),
);
const JOINED = new Set("for in at from to with another the a an on of by".split(" "));
const OPERATORS = new Set(["+", "-", "*", "/", "^", "%", "×", "÷", "plus", "minus", "times", "divided"]);
const JOINERS = new Set(["and", "then", "also", "plus", "or", "but", "&"]);

/** How readily a message is cut: at new requests, or also where a further value is joined on ("and in Bergen"). */
export type Cutting = "requests" | "joins";

/** Questions and requests of one message: sentences, and what "and", "then" or a comma joins when a new request opens behind it. */
export function splitClauses(text: string, cutting: Cutting = "requests"): Clause[] {
  const tokens = tokenize(text);
  const quotes = findQuotes(text);
  const quoted = (offset: number): boolean =>
    quotes.some((quote) => quote.start <= offset && offset < quote.end);
  const cuts: { end: number; next: number }[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    if (token === undefined || quoted(token.start)) continue;
    const cut = sentenceCut(text, tokens, i) ?? joinerCut(tokens, i, cutting);
    if (cut === undefined || cut.next <= (cuts.at(-1)?.next ?? -1)) continue;
    cuts.push(cut);
    if (cuts.length >= MOST_CLAUSES - 1) break;
  }
  return pieces(text, cuts);
}

function sentenceCut(
  text: string,
  tokens: readonly Token[],
  i: number,
): { end: number; next: number } | undefined {
  const token = tokens[i];
  const next = tokens[i + 1];
  if (token === undefined || next === undefined) return undefined;
  if (text.slice(token.end, next.start).includes("\n")) return { end: token.end, next: next.start };
  if (!/^[.?!;]$/.test(token.text) || next.start === token.end) return undefined;
  const abbreviation =
    token.text === "." && !next.capital && next.kind === "word" && !OPENERS.has(next.lower);
  const initial =
    token.text === "." && (tokens[i - 1]?.text.length ?? 0) <= 2 && tokens[i - 1]?.capital === true;
  return abbreviation || initial ? undefined : { end: token.end, next: next.start };
}

function joinerCut(
  tokens: readonly Token[],
  i: number,
  cutting: Cutting,
): { end: number; next: number } | undefined {
  const token = tokens[i];
  if (token === undefined) return undefined;
  const comma = token.text === ",";
  if (!comma && !JOINERS.has(token.lower)) return undefined;
  let at = i + 1;
  while (at < tokens.length && (JOINERS.has(tokens[at]?.lower ?? "") || tokens[at]?.text === ",")) at++;
  const next = tokens[at];
  if (next === undefined || i === 0) return undefined;
  const further =
    JOINED.has(next.lower) || (next.kind === "number" && OPERATORS.has(tokens[at + 1]?.lower ?? ""));
  const joins = cutting === "joins" && (!comma || at > i + 1) && further;
  if (!joins && !opensRequest(tokens, at)) return undefined;
  return { end: token.start, next: next.start };
}

function opensRequest(tokens: readonly Token[], at: number): boolean {
  const first = tokens[at]?.lower ?? "";
  const second = tokens[at + 1]?.lower ?? "";
  if (OPENERS.has(first) && first !== "which" && first !== "who" && first !== "where" && first !== "when")
    return true;
  if (first === "where" || first === "when" || first === "who") return AUXILIARIES.has(second);
  if (first === "please" || REQUEST_VERBS.has(first)) return !AUXILIARIES.has(second);
  if (first === "i") return /^(?:want|need|also|would|am|'d)$/.test(second);
  return AUXILIARIES.has(first) && /^(?:you|it|the|there|i|we)$/.test(second);
}

function pieces(text: string, cuts: readonly { end: number; next: number }[]): Clause[] {
  const clauses: Clause[] = [];
  let start = 0;
  for (const cut of [...cuts, { end: text.length, next: text.length }]) {
    const body = text.slice(start, cut.end).trim();
    if (/[\p{L}\p{N}]/u.test(body)) clauses.push({ start, end: cut.end, text: body });
    start = cut.next;
  }
  return clauses;
}
