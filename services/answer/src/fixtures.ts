/** Questions and results for tests, and what of an answer they look at. */
import type { AnswerEvent, AnswerQuestion, Snippet, ToolResult } from "./answer.ts";

export function question(change: Partial<AnswerQuestion> = {}): AnswerQuestion {
  return {
    text: "What is it?",
    history: [],
    action: "answer",
    decidedText: "",
    candidates: [],
    results: [],
    snippets: [],
    maxOutputTokens: undefined,
    maxInputTokens: undefined,
    maxModelCalls: 1,
    now: "2026-01-02T03:04:05Z",
    responseSchema: undefined,
    clientTools: undefined,
    early: false,
    ...change,
  };
}

export function result(change: Partial<ToolResult> = {}): ToolResult {
  return {
    name: "calculator",
    arguments: {},
    outcome: "ok",
    output: null,
    rendered: "",
    problem: "",
    truncated: false,
    ...change,
  };
}

export function snippet(quote: string, change: Partial<Snippet["source"]> = {}): Snippet {
  const source = {
    documentId: "d1",
    title: "Guide",
    uri: "guide.md",
    page: 0,
    start: 0,
    end: quote.length,
    quote,
  };
  return { source: { ...source, ...change }, headings: [] };
}

export const textOf = (events: readonly AnswerEvent[]) =>
  events.map((event) => (event.kind === "text" ? event.text : "")).join("");

export const citationsOf = (events: readonly AnswerEvent[]) =>
  events.flatMap((event) => (event.kind === "citation" ? [event.citation] : []));
