import type { Citation, Snippet } from "../answer.ts";
import { type Span, sentencesOf } from "./sentences.ts";
import { contentWords } from "./words.ts";

const MAX_QUOTES = 3;
const MAX_QUOTE_CHARACTERS = 500;
/** A further quote must say nearly as much as the best one. */
const SHARE_OF_BEST = 0.7;
/** What a word in a passage's headings counts against one in the passage. */
const HEADING_SHARE = 0.7;
/** A message is a question up to here, and pasted text beyond. */
const MAX_QUESTION_CHARACTERS = 2_000;

type Candidate = Readonly<{ snippet: Snippet; sentences: readonly Span[]; index: number; coverage: number }>;

/**
 * The passages that speak of what was asked, best first: the sentence that shares the most telling words with the question, and
 * what follows it while that fits. Each is an exact part of its document. `minCoverage`: share, 0 to 1, of the words
 * of one question in the message that a passage must hold, each word weighing more the rarer it is.
 */
export function relevantQuotes(
  question: string,
  snippets: readonly Snippet[],
  minCoverage: number,
): Citation[] {
  const candidates = rank(question.slice(0, MAX_QUESTION_CHARACTERS), snippets).filter(
    ({ coverage }) => coverage >= minCoverage,
  );
  const best = candidates[0]?.coverage ?? 0;
  const chosen: Candidate[] = [];
  for (const candidate of candidates) {
    if (chosen.length === MAX_QUOTES || candidate.coverage < best * SHARE_OF_BEST) break;
    if (!chosen.some(({ snippet }) => snippet === candidate.snippet)) chosen.push(candidate);
  }
  return distinct(chosen.map(quoteOf));
}

function rank(question: string, snippets: readonly Snippet[]): Candidate[] {
  const passages = snippets.flatMap((snippet) => {
    const sentences = sentencesOf(snippet.source.quote);
    const context = contentWords([snippet.source.title, ...snippet.headings].join(" "));
    return sentences.map((span, index) => ({
      snippet,
      sentences,
      index,
      words: contentWords(snippet.source.quote.slice(span.start, span.end)),
      context,
    }));
  });
  const parts = questionParts(question).map(
    (words) => new Map(words.map((word) => [word, rarity(word, passages)])),
  );
  return passages
    .map(({ words, context, ...passage }) => ({
      ...passage,
      coverage: Math.max(...parts.map((weights) => coverageOf(weights, words, context))),
    }))
    .sort((one, other) => other.coverage - one.coverage);
}

/** The words of the whole message and of each of its questions; a part of one word says too little of its own. */
function questionParts(question: string): string[][] {
  const clauses = question
    .split(/[,;:.?!\n]+|\b(?:and|und|et|y)\b/i)
    .map((clause) => [...contentWords(clause)])
    .filter((words) => words.length > 1);
  return [[...contentWords(question)], ...clauses];
}

/** Share, 0 to 1, of the weight that the passage holds; what only stands in its headings counts a little less. */
function coverageOf(
  weights: ReadonlyMap<string, number>,
  words: ReadonlySet<string>,
  context: ReadonlySet<string>,
): number {
  const total = sum(weights.values());
  const held = [...weights].map(([word, weight]) =>
    words.has(word) ? weight : context.has(word) ? weight * HEADING_SHARE : 0,
  );
  return total === 0 ? 0 : sum(held) / total;
}

type Read = Readonly<{ words: ReadonlySet<string>; context: ReadonlySet<string> }>;

function rarity(word: string, passages: readonly Read[]): number {
  const holding = passages.filter(({ words, context }) => words.has(word) || context.has(word)).length;
  return Math.log(1 + (passages.length + 1) / (holding + 1));
}

/** The sentence and those after it that fit, as long as only space lies between them. */
function quoteOf({ snippet, sentences, index }: Candidate): Citation {
  const { source } = snippet;
  const first = sentences[index] ?? { start: 0, end: source.quote.length };
  let end = first.end;
  for (const next of sentences.slice(index + 1)) {
    const joined = /^[^\S\n]*\n?[^\S\n]*$/.test(source.quote.slice(end, next.start));
    if (!joined || next.end - first.start > MAX_QUOTE_CHARACTERS) break;
    end = next.end;
  }
  const quote = source.quote.slice(first.start, end);
  return { ...source, start: source.start + first.start, end: source.start + end, quote };
}

/** Chunks of a document may overlap. */
function distinct(quotes: readonly Citation[]): Citation[] {
  return quotes.filter(
    (quote, index) =>
      !quotes
        .slice(0, index)
        .some(
          (kept) => kept.documentId === quote.documentId && kept.start < quote.end && quote.start < kept.end,
        ),
  );
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
