/** What goes to a language model and what comes back, free of any provider's wire format. */
import type { ForerunError } from "@forerun/runtime/forerun-error";

export type ChatMessage =
  | Readonly<{ role: "system" | "user"; content: string }>
  | Readonly<{ role: "assistant"; content: string; toolCalls?: readonly ModelToolCall[] }>
  /** What came of a call that the assistant asked for. */
  | Readonly<{ role: "tool"; content: string; toolCallId: string }>;

/** A call that a model asks for; `arguments` is JSON as the model wrote it, not checked. */
export type ModelToolCall = Readonly<{ id: string; name: string; arguments: string }>;

export type ModelTool = Readonly<{ name: string; description: string; parameters: JsonSchema }>;

/** Tools that a model may ask for instead of answering. */
export type ModelTools = Readonly<{
  list: readonly ModelTool[];
  /** Whether one has to be called, and which. */
  choice: "auto" | "none" | "required" | Readonly<{ name: string }>;
  /** One call an answer at most. */
  single: boolean;
}>;

export type JsonSchema = Readonly<{ [keyword: string]: unknown }>;

export type ModelRequest = Readonly<{
  messages: readonly ChatMessage[];
  /** Tokens of the answer at most; undefined leaves it to the endpoint. */
  maxOutputTokens?: number;
  /** Constrains the answer to JSON of this schema, where the endpoint can. The answer is still to be parsed as untrusted. */
  responseSchema?: Readonly<{ name: string; schema: JsonSchema }>;
  tools?: ModelTools;
}>;

/** As the endpoint counted, or an estimate where it did not say. `cachedTokens` are a part of `inputTokens`. */
export type TokenUsage = Readonly<{
  inputTokens: number;
  outputTokens: number;
  cachedTokens: number;
  /** Millionths of a US dollar; 0 for a model without a price. */
  costMicros: number;
}>;

export type FinishReason = "stop" | "max_tokens" | "content_filter";

/**
 * The error's text is safe to show: it never holds anything the endpoint sent. `transient`: nothing was written yet, and the
 * same request may well succeed a moment later.
 */
export type ModelFailure = Readonly<{ kind: "failed"; error: ForerunError; transient?: boolean }>;

export type ModelCompleted = Readonly<{
  kind: "completed";
  text: string;
  finishReason: FinishReason;
  usage: TokenUsage;
  /** Name of the model that wrote it. */
  model: string;
}>;

export type Completion = ModelCompleted | ModelFailure;

/** Texts, then exactly one of done and failed. Everything that came in one chunk of the socket is one text. */
export type ModelEvent =
  | Readonly<{ kind: "text"; text: string }>
  | Readonly<{
      kind: "done";
      finishReason: FinishReason;
      usage: TokenUsage;
      /** Name of the model that wrote it. */
      model: string;
      /** What the model asks for instead of, or after, its text; left out when it asks for nothing. */
      toolCalls?: readonly ModelToolCall[];
    }>
  | ModelFailure;
