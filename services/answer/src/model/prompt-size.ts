import type { CountTokens } from "@forerun/llm/count-tokens";
import type { ChatMessage } from "@forerun/llm/model-call";

/** What a message costs beside its text: its role and its ends. */
export const TOKENS_A_MESSAGE = 4;

/** A bound from above that needs no tokenizer: encodings of bytes never make more tokens than there are bytes. */
export const countBytes: CountTokens = (text) => Buffer.byteLength(text);

export function promptSize(messages: readonly ChatMessage[], count: CountTokens): number {
  return messages.reduce((sum, message) => sum + messageSize(message, count), 0);
}

export function messageSize(message: ChatMessage, count: CountTokens): number {
  const calls = message.role === "assistant" ? (message.toolCalls ?? []) : [];
  const written = calls.map(
    ({ id, name, arguments: args }) => count(`${id} ${name} ${args}`) + TOKENS_A_MESSAGE,
  );
  return TOKENS_A_MESSAGE + count(message.content) + written.reduce((sum, size) => sum + size, 0);
}
