import type { Token } from "../text/tokens.ts";
import {
  ARTICLES,
  AUXILIARIES,
  CONJUNCTIONS,
  DETERMINERS,
  FILLERS,
  PREPOSITIONS,
  PRONOUNS,
  REQUEST_VERBS,
} from "../text/word-classes.ts";
import type { Span } from "./span.ts";

/** A stretch of words that may name something. `part` says which part of the whole chunk it is. */
export type PhraseSpan = Span &
  Readonly<{ part: "whole" | "head" | "tail" | "middle" | "joined" | "of"; from: number; to: number }>;

type Chunk = { from: number; to: number };

const LONGEST_CHUNK = 8;

/** Chunks between prepositions, conjunctions, verbs and punctuation, their parts, and pairs joined by "of", "and", "in" … */
export function findPhrases(text: string, tokens: readonly Token[]): PhraseSpan[] {
  const chunks = findChunks(tokens);
  const phrases: PhraseSpan[] = [];
  for (const [index, chunk] of chunks.entries()) {
    phrases.push(...parts(text, tokens, chunk));
    const next = chunks[index + 1];
    if (next !== undefined && joins(tokens, chunk, next)) {
      const of = tokens[chunk.to]?.lower === "of";
      phrases.push(phrase(text, tokens, chunk.from, next.to, of ? "of" : "joined"));
    }
  }
  return phrases;
}

function findChunks(tokens: readonly Token[]): Chunk[] {
  const chunks: Chunk[] = [];
  let from = -1;
  for (let i = 0; i <= tokens.length; i++) {
    const inside = i < tokens.length && !isBoundary(tokens, i) && (from < 0 || i - from < LONGEST_CHUNK);
    if (inside && from < 0) from = i;
    if (inside || from < 0) continue;
    const chunk = trim(tokens, { from, to: i });
    if (chunk.to > chunk.from) chunks.push(chunk);
    from = -1;
  }
  return chunks;
}

function isBoundary(tokens: readonly Token[], i: number): boolean {
  const token = tokens[i];
  if (token === undefined) return true;
  if (token.kind === "mark") return !isInnerMark(tokens, i);
  const { lower } = token;
  if (token.capital && !isOpening(tokens, i)) return false;
  return (
    PREPOSITIONS.has(lower) ||
    CONJUNCTIONS.has(lower) ||
    PRONOUNS.has(lower) ||
    AUXILIARIES.has(lower) ||
    FILLERS.has(lower) ||
    (REQUEST_VERBS.has(lower) && isOpening(tokens, i))
  );
}

/** Hyphens, slashes and apostrophes inside a word do not end a chunk. */
function isInnerMark(tokens: readonly Token[], i: number): boolean {
  const token = tokens[i];
  const touchesLeft = tokens[i - 1]?.end === token?.start;
  const touchesRight = tokens[i + 1]?.start === token?.end;
  return touchesLeft && touchesRight && /^[-/'’.&_+]$/.test(token?.text ?? "");
}

/** Where a request verb may stand: at the beginning, or behind a function word or a mark. */
function isOpening(tokens: readonly Token[], i: number): boolean {
  const before = tokens[i - 1];
  if (before === undefined || before.kind === "mark") return true;
  const { lower } = before;
  return (
    PRONOUNS.has(lower) ||
    AUXILIARIES.has(lower) ||
    CONJUNCTIONS.has(lower) ||
    FILLERS.has(lower) ||
    lower === "to" ||
    REQUEST_VERBS.has(lower)
  );
}

function trim(tokens: readonly Token[], chunk: Chunk): Chunk {
  let { from, to } = chunk;
  while (from < to && DETERMINERS.has(tokens[from]?.lower ?? "") && !(tokens[from]?.capital && from > 0))
    from++;
  while (to > from && ARTICLES.has(tokens[to - 1]?.lower ?? "")) to--;
  return { from, to };
}

function joins(tokens: readonly Token[], chunk: Chunk, next: Chunk): boolean {
  if (next.from - chunk.to > 2) return false;
  return /^(?:of|and|in|for|&|to|by|on|with|at)$/.test(tokens[chunk.to]?.lower ?? "");
}

function* parts(text: string, tokens: readonly Token[], chunk: Chunk): Generator<PhraseSpan> {
  const { from, to } = chunk;
  yield phrase(text, tokens, from, to, "whole");
  for (let cut = from + 1; cut < to; cut++) {
    if (cut - from <= 4) yield phrase(text, tokens, from, cut, "head");
    if (to - cut <= 4) yield phrase(text, tokens, cut, to, "tail");
  }
  for (let i = from + 1; i < to - 1; i++) {
    yield phrase(text, tokens, i, i + 1, "middle");
    if (i + 2 < to) yield phrase(text, tokens, i, i + 2, "middle");
  }
}

function phrase(
  text: string,
  tokens: readonly Token[],
  from: number,
  to: number,
  part: PhraseSpan["part"],
): PhraseSpan {
  const start = tokens[from]?.start ?? 0;
  const end = tokens[to - 1]?.end ?? start;
  return { start, end, text: text.slice(start, end).replace(/['’]s$/, ""), part, from, to };
}
