import { type ChatRequest, countTokens, promptTokens } from "./chat-request.ts";
import type { ToolCall, ToolCallDelta } from "./tool-calls.ts";

/** OpenAI's wire format of a chat completion, whole and in chunks. */
export type CompletionHead = Readonly<{ id: string; created: number; model: string }>;

export function usageOf(request: ChatRequest, text: string) {
  const prompt = promptTokens(request);
  const completion = countTokens(text);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: 0 },
  };
}

export function wholeCompletion(
  head: CompletionHead,
  request: ChatRequest,
  text: string,
  finish: string,
  toolCalls: readonly ToolCall[] = [],
) {
  const spoken = { role: "assistant", content: text, refusal: null };
  const message = toolCalls.length > 0 ? { ...spoken, tool_calls: toolCalls } : spoken;
  return {
    ...head,
    object: "chat.completion",
    choices: [{ index: 0, message, finish_reason: finish }],
    usage: usageOf(request, text),
  };
}

export function sse(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

export function chunk(
  head: CompletionHead,
  delta: { role?: string; content?: string; tool_calls?: readonly ToolCallDelta[] },
  finish: string | null,
): string {
  return sse({
    ...head,
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
}

/** What follows the text: the finish reason, the usage where it was asked for, the end mark. */
export function streamTail(head: CompletionHead, request: ChatRequest, text: string, finish: string): string {
  const usage = request.stream_options?.include_usage
    ? sse({ ...head, object: "chat.completion.chunk", choices: [], usage: usageOf(request, text) })
    : "";
  return `${chunk(head, {}, finish)}${usage}data: [DONE]\n\n`;
}

/** Pieces that look like a model's tokens: a word with the space before it, at most twelve characters. */
export function tokensOf(text: string): string[] {
  return text.match(/\s*\S{1,12}|\s+$/gu) ?? [];
}
