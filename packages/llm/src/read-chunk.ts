import { reportedUsage, tokenUsage } from "./chat-wire.ts";
import type { TokenCounts } from "./settle-usage.ts";
import { type ToolCallPart, toolCallDeltas } from "./tool-call-reading.ts";

/** What one event of a stream says. */
export type Chunk = Readonly<{
  text: string;
  toolCalls: readonly ToolCallPart[];
  /** The endpoint's own word for why it ended; empty until it does. */
  finish: string;
  reported: TokenCounts | undefined;
  /** The endpoint failed after it had begun. */
  failed: boolean;
}>;

type Fields = { readonly [name: string]: unknown };

/**
 * Reads the data of one event; the last one carries the usage and no choices, and an `error` may come at any time, even after
 * text. What comes with every token is checked by hand: a schema costs more than the parsing itself. Throws when it is not a
 * chunk of a chat completion.
 */
export function readChunk(data: string): Chunk {
  const chunk = fieldsOf(JSON.parse(data));
  const choice = firstOf(chunk.choices);
  const delta = fieldsOf(choice.delta ?? {});
  return {
    text: textOf(delta.content) || textOf(delta.refusal),
    toolCalls: delta.tool_calls ? toolCallDeltas.parse(delta.tool_calls) : [],
    finish: textOf(choice.finish_reason),
    reported: chunk.usage ? tokenUsage(reportedUsage.parse(chunk.usage)) : undefined,
    failed: chunk.error !== undefined && chunk.error !== null,
  };
}

function firstOf(choices: unknown): Fields {
  if (choices === undefined || choices === null) return {};
  if (!Array.isArray(choices)) throw new TypeError("choices is no list");
  return fieldsOf(choices[0] ?? {});
}

function fieldsOf(value: unknown): Fields {
  if (typeof value !== "object" || value === null) throw new TypeError("an object was expected");
  return value as Fields;
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") throw new TypeError("a text was expected");
  return value;
}
