import type {
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionMessageParam,
} from "openai/resources/chat/completions";
import { z } from "zod";
import type { ChatMessage, FinishReason, ModelRequest, ModelToolCall, ModelTools } from "./model-call.ts";
import type { TokenCounts } from "./settle-usage.ts";
import { toolCallDeltas } from "./tool-call-reading.ts";

/** The wire counts in 32 bits. */
const MOST_TOKENS = 2 ** 31 - 1;

/** What is read of OpenAI's chat completions; everything else of an endpoint's answer is ignored. */
const count = z
  .number()
  .int()
  .nonnegative()
  .transform((tokens) => Math.min(tokens, MOST_TOKENS))
  .catch(0);

export const reportedUsage = z.object({
  prompt_tokens: count,
  completion_tokens: count,
  prompt_tokens_details: z.object({ cached_tokens: count }).nullish(),
});

const written = z.object({
  content: z.string().nullish(),
  refusal: z.string().nullish(),
  tool_calls: toolCallDeltas.nullish(),
});

export const chatCompletion = z.object({
  choices: z.array(z.object({ message: written, finish_reason: z.string().nullish() })).min(1),
  usage: reportedUsage.nullish(),
});

export type ChatCompletion = z.output<typeof chatCompletion>;

export function tokenUsage(reported: z.output<typeof reportedUsage>): TokenCounts {
  return {
    inputTokens: reported.prompt_tokens,
    outputTokens: reported.completion_tokens,
    cachedTokens: Math.min(reported.prompt_tokens_details?.cached_tokens ?? 0, reported.prompt_tokens),
  };
}

/** Endpoints have reasons of their own ("eos", "end_turn"): whatever is neither a cut nor a filter is a normal end. */
export function finishReason(reason: string | null | undefined): FinishReason {
  if (reason === "length") return "max_tokens";
  if (reason === "content_filter") return "content_filter";
  return "stop";
}

export type ChatBody = Omit<ChatCompletionCreateParamsNonStreaming, "stream">;

/**
 * `legacyLimit` spells the token limit `max_tokens`: compatible servers know only that, while OpenAI's reasoning models
 * refuse it. Schemas are sent as not strict, because OpenAI's strict mode forbids most of JSON Schema.
 */
export function chatBody(model: string, request: ModelRequest, legacyLimit: boolean): ChatBody {
  const { messages, maxOutputTokens, responseSchema, tools } = request;
  return {
    model,
    messages: messages.map(messageParam),
    ...(tools && tools.list.length > 0 && toolParams(tools)),
    ...(maxOutputTokens !== undefined && {
      [legacyLimit ? "max_tokens" : "max_completion_tokens"]: maxOutputTokens,
    }),
    ...(responseSchema && {
      response_format: {
        type: "json_schema" as const,
        json_schema: { name: responseSchema.name, schema: { ...responseSchema.schema }, strict: false },
      },
    }),
  };
}

function messageParam(message: ChatMessage): ChatCompletionMessageParam {
  switch (message.role) {
    case "tool":
      return { role: message.role, content: message.content, tool_call_id: message.toolCallId };
    case "assistant":
      return message.toolCalls === undefined ? message : withCalls(message.content, message.toolCalls);
    default:
      return message;
  }
}

function withCalls(content: string, calls: readonly ModelToolCall[]): ChatCompletionMessageParam {
  const tool_calls = calls.map(({ id, name, arguments: written }) => ({
    id,
    type: "function" as const,
    function: { name, arguments: written },
  }));
  return { role: "assistant", content: content === "" ? null : content, tool_calls };
}

function toolParams({ list, choice, single }: ModelTools): Pick<ChatBody, "tools" | "tool_choice"> {
  return {
    tools: list.map(({ name, description, parameters }) => ({
      type: "function",
      function: { name, ...(description !== "" && { description }), parameters: { ...parameters } },
    })),
    tool_choice: typeof choice === "string" ? choice : { type: "function", function: { name: choice.name } },
    // Servers that do not know the parameter refuse it: it is sent where it says something.
    ...(single && { parallel_tool_calls: false }),
  };
}
