import type { JsonValue } from "@bufbuild/protobuf";
import { z } from "zod";
import { CompletionMessage, unknownNames } from "./completion-messages.ts";
import { parseRequest, requestObject } from "./parse-request.ts";
import { unsupported } from "./refusal.ts";

const count = (most: number) => z.int().min(1).max(most).nullish();

const jsonObject = z.record(z.string(), z.json());

const Tool = z.strictObject({
  type: z.literal("function", { error: "only functions are supported" }),
  function: z.strictObject({
    name: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, { error: "expected 1 to 64 letters, digits, _ and -" }),
    description: z.string().optional(),
    parameters: jsonObject.optional(),
    // Whether a model keeps to the parameters is its endpoint's business.
    strict: z.boolean().nullish(),
  }),
});

const NamedTool = z.strictObject({
  type: z.literal("function"),
  function: z.strictObject({ name: z.string() }),
});

const ResponseFormat = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text") }),
  z.strictObject({ type: z.literal("json_object") }),
  z.strictObject({
    type: z.literal("json_schema"),
    json_schema: z.strictObject({
      name: z.string(),
      description: z.string().optional(),
      schema: jsonObject,
      strict: z.boolean().nullish(),
    }),
  }),
]);

const CompletionRequest = z.strictObject(
  {
    model: z.string().min(1),
    messages: z.array(CompletionMessage).min(1).max(1024),
    stream: z.boolean().nullish(),
    stream_options: z
      .strictObject({
        include_usage: z.boolean().optional(),
        include_obfuscation: z.boolean().optional(),
      })
      .nullish(),
    max_tokens: count(1_000_000),
    max_completion_tokens: count(1_000_000),
    tools: z.array(Tool).max(128).nullish(),
    tool_choice: z
      .union([z.enum(["none", "auto", "required"]), NamedTool], {
        error: "expected none, auto, required or the name of a function",
      })
      .nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    response_format: ResponseFormat.nullish(),
  },
  { error: unknownNames },
);

export type CompletionRequest = z.infer<typeof CompletionRequest>;

/** Hints that the models behind a turn are free to follow. Accepted, since every client sends some, and not applied. */
const HINTS = [
  "temperature",
  "top_p",
  "presence_penalty",
  "frequency_penalty",
  "seed",
  "user",
  "safety_identifier",
  "prompt_cache_key",
  "metadata",
  "store",
  "service_tier",
  "reasoning_effort",
  "verbosity",
] as const;

/** Fields that change what an answer is. Each may be sent with the value that asks for nothing. */
const UNSUPPORTED: Record<string, (value: JsonValue) => boolean> = {
  n: (value) => value === 1,
  functions: isEmpty,
  function_call: (value) => value === "none",
  logprobs: (value) => value === false,
  top_logprobs: (value) => value === 0,
  logit_bias: isEmpty,
  stop: isEmpty,
  modalities: (value) => JSON.stringify(value) === '["text"]',
  audio: () => false,
  prediction: () => false,
  web_search_options: () => false,
};

/** Reads the body of POST /v1/chat/completions; throws a refusal that names the parameter at fault. */
export function completionRequest(body: JsonValue): CompletionRequest {
  const own = Object.entries(requestObject(body)).filter(([name, value]) => {
    if (!Object.hasOwn(UNSUPPORTED, name)) return !HINTS.some((hint) => hint === name);
    if (value !== null && !UNSUPPORTED[name]?.(value)) throw unsupported(name);
    return false;
  });
  return parseRequest(CompletionRequest, Object.fromEntries(own));
}

function isEmpty(value: JsonValue): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
