import type { JsonValue } from "@bufbuild/protobuf";
import { z } from "zod";
import { refuse, unsupported } from "./refusal.ts";

const TextPart = z.object({ type: z.literal("text"), text: z.string() });
const Content = z.union([z.string(), z.array(TextPart).min(1)], {
  error: "expected a string or an array of text parts",
});

const ChatMessage = z.strictObject(
  {
    role: z.enum(["system", "developer", "user", "assistant"], {
      error: (issue) => `role ${JSON.stringify(issue.input)} is not supported`,
    }),
    content: Content,
    name: z.string().optional(),
    refusal: z.null().optional(),
  },
  { error: unknownNames },
);

const count = (most: number) => z.int().min(1).max(most).nullish();

const CompletionRequest = z.strictObject(
  {
    model: z.string().min(1),
    messages: z.array(ChatMessage).min(1).max(1024),
    stream: z.boolean().nullish(),
    stream_options: z
      .strictObject({
        include_usage: z.boolean().optional(),
        include_obfuscation: z.boolean().optional(),
      })
      .nullish(),
    max_tokens: count(1_000_000),
    max_completion_tokens: count(1_000_000),
    tool_choice: z.enum(["none", "auto"]).nullish(),
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
  "parallel_tool_calls",
] as const;

/** Fields that change what an answer is. Each may be sent with the value that asks for nothing. */
const UNSUPPORTED: Record<string, (value: JsonValue) => boolean> = {
  n: (value) => value === 1,
  tools: isEmpty,
  functions: isEmpty,
  function_call: (value) => value === "none",
  logprobs: (value) => value === false,
  top_logprobs: (value) => value === 0,
  logit_bias: isEmpty,
  stop: isEmpty,
  response_format: (value) => JSON.stringify(value) === '{"type":"text"}',
  modalities: (value) => JSON.stringify(value) === '["text"]',
  audio: () => false,
  prediction: () => false,
  web_search_options: () => false,
};

/** Reads the body of POST /v1/chat/completions; throws a refusal that names the parameter at fault. */
export function completionRequest(body: JsonValue): CompletionRequest {
  if (body === null || typeof body !== "object" || Array.isArray(body)) {
    throw refuse("the request body must be a JSON object", undefined);
  }
  const own = Object.entries(body).filter(([name, value]) => {
    if (!Object.hasOwn(UNSUPPORTED, name)) return !HINTS.some((hint) => hint === name);
    if (value !== null && !UNSUPPORTED[name]?.(value)) throw unsupported(name);
    return false;
  });
  const parsed = CompletionRequest.safeParse(Object.fromEntries(own));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path =
    issue?.code === "unrecognized_keys" ? [...issue.path, issue.keys[0] ?? ""] : (issue?.path ?? []);
  throw refuse(issue?.message ?? "the request does not fit", parameterName(path));
}

/** ["messages", 0, "content"] → "messages[0].content". */
function parameterName(path: readonly PropertyKey[]): string {
  return path
    .map((part, at) => (typeof part === "number" ? `[${part}]` : (at ? "." : "") + String(part)))
    .join("");
}

function unknownNames(issue: { code: string; keys?: readonly string[] }): string | undefined {
  if (issue.code !== "unrecognized_keys") return undefined;
  return `unrecognized request argument supplied: ${issue.keys?.[0]?.slice(0, 64)}`;
}

function isEmpty(value: JsonValue): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
