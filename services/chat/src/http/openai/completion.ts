import { timestampMs } from "@bufbuild/protobuf/wkt";
import { type Turn, TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { ERROR_CATALOG } from "@forerun/runtime/error-catalog";
import { ForerunError } from "@forerun/runtime/forerun-error";

export type FinishReason = "stop" | "length" | "content_filter";

/** How an ended turn finishes a completion. Throws what a failed or cancelled one is to an OpenAI client. */
export function finishReason(turn: Turn): FinishReason {
  switch (turn.state) {
    case TurnState.COMPLETED:
      return "stop";
    case TurnState.INCOMPLETE:
      return turn.reason === "guardrail" ? "content_filter" : "length";
    case TurnState.CANCELLED:
      throw new ForerunError(
        "FR-E1304",
        "canceled",
        `cancelled by ${turn.reason || "the server"}`,
        "Ask again.",
      );
    default:
      throw failed(turn);
  }
}

function failed({ errorCode, retryable }: Turn): ForerunError {
  const code = Object.hasOwn(ERROR_CATALOG, errorCode)
    ? (errorCode as keyof typeof ERROR_CATALOG)
    : "FR-E1304";
  return new ForerunError(
    code,
    retryable ? "unavailable" : "internal",
    `the turn failed: ${ERROR_CATALOG[code]}`,
    retryable ? "Try again." : `See docs/errors/${code}.md.`,
  );
}

export function completionId(turn: Turn): string {
  return `chatcmpl-${turn.turnId}`;
}

/** Seconds since 1970, as OpenAI counts. */
export function createdSeconds({ createTime }: Turn): number {
  return createTime ? Math.floor(timestampMs(createTime) / 1000) : 0;
}

export function completionUsage({ usage }: Turn): object {
  const prompt = usage?.inputTokens ?? 0;
  const completion = usage?.outputTokens ?? 0;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: usage?.cachedTokens ?? 0 },
  };
}

/** The whole answer as one `chat.completion`. */
export function completionJson(turn: Turn, model: string): object {
  const choice = {
    index: 0,
    message: { role: "assistant", content: turn.text, refusal: null },
    logprobs: null,
    finish_reason: finishReason(turn),
  };
  return {
    id: completionId(turn),
    object: "chat.completion",
    created: createdSeconds(turn),
    model,
    choices: [choice],
    usage: completionUsage(turn),
  };
}
