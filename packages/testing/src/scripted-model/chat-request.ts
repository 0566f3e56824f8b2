import { z } from "zod";
import type { CallKind } from "./script.ts";

/** What the server reads of a chat completion request. */
export const chatRequest = z.looseObject({
  model: z.string(),
  messages: z
    .array(
      z.looseObject({
        role: z.string(),
        content: z
          .union([z.string(), z.array(z.looseObject({ text: z.string().optional() })), z.null()])
          .optional(),
      }),
    )
    .min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  response_format: z
    .looseObject({ type: z.string(), json_schema: z.looseObject({ name: z.string() }).optional() })
    .nullish(),
  tool_choice: z
    .union([z.string(), z.looseObject({ function: z.looseObject({ name: z.string() }) })])
    .nullish(),
});

export type ChatRequest = z.output<typeof chatRequest>;

/**
 * The name of the response schema, or of the function that stands in for one, tells the purpose: `route…` and `judge…`; whatever
 * asks for free text is an answer.
 */
export function kindOf({ response_format, tool_choice }: ChatRequest): CallKind {
  const forced = typeof tool_choice === "object" ? tool_choice?.function.name : undefined;
  const name = response_format?.json_schema?.name ?? forced ?? "";
  if (name.startsWith("route")) return "route";
  if (name.startsWith("judge")) return "judge";
  return "answer";
}

/** The text that `contains` is looked for in: everything but the system's instructions. */
export function spokenText(request: ChatRequest): string {
  return request.messages
    .filter(({ role }) => role !== "system" && role !== "developer")
    .map(({ content }) => textOf(content))
    .join("\n");
}

/** About four characters a token, as a stand-in for a tokenizer. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

export function promptTokens(request: ChatRequest): number {
  return countTokens(request.messages.map(({ content }) => textOf(content)).join(""));
}

function textOf(content: ChatRequest["messages"][number]["content"]): string {
  if (typeof content === "string") return content;
  return (content ?? []).map((part) => part.text ?? "").join("");
}
