/** What an answer is written from, and what comes out; free of wire types. Owned by this service, converted in answer-wire.ts. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type HistoryMessage = Readonly<{ role: "user" | "assistant"; content: string }>;

/** A call that was decided, and what came of it. */
export type ToolResult = Readonly<{
  name: string;
  arguments: Json;
  outcome: "ok" | "failed" | "denied" | "stopped";
  /** Undefined unless it is ok. */
  output: Json | undefined;
  /** The output in words; empty where the tool has none. */
  rendered: string;
  /** Why there is no output, in words; empty when it is ok. */
  problem: string;
  /** The output was cut to the size limit. */
  truncated: boolean;
}>;

/** `start` and `end` are UTF-16 offsets into the document's text; `quote` is exactly that text. */
export type Citation = Readonly<{
  documentId: string;
  title: string;
  uri: string;
  page: number;
  start: number;
  end: number;
  quote: string;
}>;

/** Retrieved text; the quote of its source is the text itself. */
export type Snippet = Readonly<{ source: Citation; headings: readonly string[] }>;

export type AnswerQuestion = Readonly<{
  text: string;
  /** Earlier messages, oldest first. */
  history: readonly HistoryMessage[];
  action: "answer" | "call" | "clarify" | "refuse";
  /** What the router says itself, for clarify and refuse. */
  decidedText: string;
  /** Names of the tools that were considered, the likeliest first. */
  candidates: readonly string[];
  results: readonly ToolResult[];
  /** Best first. */
  snippets: readonly Snippet[];
  /** Tokens at most; undefined leaves it to the endpoint. */
  maxOutputTokens: number | undefined;
  maxModelCalls: number;
  /** RFC 3339; empty when unknown. */
  now: string;
}>;

export type FinishReason = "stop" | "max_tokens" | "content_filter";

export type AnswerUsage = Readonly<{
  modelCalls: number;
  inputTokens: number;
  outputTokens: number;
  cachedTokens: number;
}>;

/** Texts and citations, each citation after the text that it supports; done comes last, exactly once. */
export type AnswerEvent =
  | Readonly<{ kind: "text"; text: string }>
  | Readonly<{ kind: "citation"; citation: Citation }>
  /** `model` is empty when no model wrote the answer. */
  | Readonly<{ kind: "done"; finish: FinishReason; usage: AnswerUsage; model: string }>;
