import { timestampMs } from "@bufbuild/protobuf/wkt";
import { type Turn, TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { type ErrorStatus, ForerunError } from "@forerun/runtime/forerun-error";

export type FinishReason = "stop" | "length" | "content_filter";

/** How an ended turn finishes a completion. Throws FR-E1326 for one that failed or was cancelled. */
export function finishReason(turn: Turn): FinishReason {
  switch (turn.state) {
    case TurnState.COMPLETED:
      return "stop";
    case TurnState.INCOMPLETE:
      return turn.reason === "guardrail" ? "content_filter" : "length";
    case TurnState.CANCELLED:
      throw withoutAnswer("canceled", `the turn was cancelled by ${turn.reason}`);
    default:
      throw withoutAnswer(FAILURES[turn.errorCode] ?? "internal", `the turn failed: ${turn.errorCode}`);
  }
}

/** A failed turn's code is the word of a status; only these come from it. */
const FAILURES: Record<string, ErrorStatus> = {
  unavailable: "unavailable",
  resource_exhausted: "resource_exhausted",
  deadline_exceeded: "deadline_exceeded",
};

export function withoutAnswer(status: ErrorStatus, message: string): ForerunError {
  return new ForerunError("FR-E1326", status, message, "Ask again.");
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
