/** What an answer is written from, and what comes out; free of wire types. Owned by this service, converted in answer-wire.ts. */
import type { Reused } from "@forerun/cache/cache";

export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };

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
  /** What the router says itself: a question, a refusal, or the answer of the model that decided. */
  decidedText: string;
  /** Names of the tools that were considered, the likeliest first. */
  candidates: readonly string[];
  results: readonly ToolResult[];
  /** Best first. */
  snippets: readonly Snippet[];
  /** Tokens at most; undefined leaves it to the endpoint. */
  maxOutputTokens: number | undefined;
  /** Tokens that the prompt may have; undefined leaves it to the model's context. */
  maxInputTokens: number | undefined;
  maxModelCalls: number;
  /** RFC 3339; empty when unknown. */
  now: string;
  /** Begun before the decision: nothing of the answer may be kept. */
  early: boolean;
  /** JSON Schema that the answer must satisfy; undefined asks for free text. */
  responseSchema: JsonObject | undefined;
  /** The client's own tools; undefined for an answer from this server's. */
  clientTools: ClientTools | undefined;
}>;

/** A tool that the client runs itself; `parameters` is a JSON Schema. */
export type ClientTool = Readonly<{ name: string; description: string; parameters: JsonObject }>;

/** `arguments` is a JSON object as the model wrote it. */
export type ClientCall = Readonly<{ callId: string; name: string; arguments: string }>;

/** A message with what hangs on it: calls for the assistant, the call that it is the result of for a tool. */
export type ClientMessage = Readonly<{
  role: "system" | "user" | "assistant" | "tool";
  content: string;
  calls: readonly ClientCall[];
  callId: string;
}>;

export type ClientTools = Readonly<{
  tools: readonly ClientTool[];
  /** The whole conversation, oldest first; each call is followed by its result. */
  messages: readonly ClientMessage[];
  choice: "auto" | "none" | "required" | Readonly<{ name: string }>;
  single: boolean;
}>;

export type FinishReason = "stop" | "max_tokens" | "content_filter";

export type AnswerUsage = Readonly<{
  modelCalls: number;
  inputTokens: number;
  outputTokens: number;
  cachedTokens: number;
  /** Millionths of a US dollar. */
  costMicros: number;
}>;

/** First, where the text is an earlier one, that it is; texts and citations, each citation after the text that it supports; done comes last, exactly once. */
export type AnswerEvent =
  | Readonly<{ kind: "reused"; reused: Reused }>
  | Readonly<{ kind: "text"; text: string }>
  | Readonly<{ kind: "citation"; citation: Citation }>
  /** `model` is empty when no model wrote the answer. `clientCalls` are asked for in place of an answer. */
  | Readonly<{
      kind: "done";
      finish: FinishReason;
      usage: AnswerUsage;
      model: string;
      clientCalls: readonly ClientCall[];
    }>;
