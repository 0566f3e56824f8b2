import type { AnswerEvent, AnswerQuestion, Citation } from "../answer.ts";
import { relevantQuotes } from "./relevant-quotes.ts";
import { sayLimits } from "./say-limits.ts";
import { sayResult } from "./say-result.ts";

/** Beside results of tools, a passage must clearly belong to the question; alone, it may be a guess. */
const COVERAGE_BESIDE_RESULTS = 0.65;
const COVERAGE_ALONE = 0.34;
/** Passages that a search was asked for are shown even when they only touch the question. */
const COVERAGE_SEARCHED = 0.05;

/** Numbers of a message that a tool was called for were for the tool: a passage that holds them too says nothing of it. */
const LONE_NUMBER = /(?<![\p{L}\p{N}])\p{N}+(?![\p{L}\p{N}])/gu;

type Piece = Readonly<{ text: string; citation?: Citation }>;

/** An answer in plain words without a model: results as their tools say them, failures, quotes with their sources. One text a sentence. */
export function* composeAnswer(question: AnswerQuestion, modelConnected: boolean): Generator<AnswerEvent> {
  let before: string | undefined;
  for (const { text, citation } of piecesOf(question, modelConnected)) {
    yield { kind: "text", text: `${before === undefined ? "" : separator(before, text)}${text}` };
    if (citation) yield { kind: "citation", citation };
    before = text;
  }
}

function piecesOf(question: AnswerQuestion, modelConnected: boolean): Piece[] {
  const said = [...new Set(question.results.map(sayResult))].map((text) => ({ text }));
  const pieces = [...said, ...quotesFor(question).map(sayQuote)];
  return pieces.length > 0 ? pieces : sayLimits(question, modelConnected).map((text) => ({ text }));
}

/** Passages that belong to the question; beside results of tools only those that clearly do. */
export function quotesFor(question: AnswerQuestion): Citation[] {
  const { results, snippets, text } = question;
  const asked = results.length > 0 ? text.replace(LONE_NUMBER, " ") : text;
  return relevantQuotes(asked, snippets, leastCoverage(question));
}

function leastCoverage({ action, results }: AnswerQuestion): number {
  if (results.some(({ outcome }) => outcome === "ok")) return COVERAGE_BESIDE_RESULTS;
  // A call whose result has become sources: see tool-sources.ts.
  return action === "call" && results.length === 0 ? COVERAGE_SEARCHED : COVERAGE_ALONE;
}

function sayQuote(citation: Citation): Piece {
  const place = citation.page > 0 ? `, page ${citation.page}` : "";
  const words = citation.quote.replace(/\s+/g, " ");
  return { text: `From ${citation.title || citation.uri || "a document"}${place}: “${words}”`, citation };
}

/** Sentences run on; what has lines of its own stands apart. */
function separator(before: string, next: string): string {
  const apart = [before, next].some((text) => text.includes("\n") || text.startsWith("From "));
  return apart ? "\n\n" : " ";
}
