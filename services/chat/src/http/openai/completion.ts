import { timestampMs } from "@bufbuild/protobuf/wkt";
import { type Turn, TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import type { ClientCall } from "@forerun/contracts/forerun/common/v1/common_pb";
import { ERROR_CATALOG, type ErrorCode } from "@forerun/runtime/error-catalog";
import { type ErrorStatus, ForerunError } from "@forerun/runtime/forerun-error";

export type FinishReason = "stop" | "length" | "content_filter" | "tool_calls";

/** How an ended turn finishes a completion. Throws FR-E1326 for one that failed or was cancelled. */
export function finishReason(turn: Turn): FinishReason {
  switch (turn.state) {
    case TurnState.COMPLETED:
      return turn.clientCalls.length > 0 ? "tool_calls" : "stop";
    case TurnState.INCOMPLETE:
      return turn.reason === "guardrail" ? "content_filter" : "length";
    case TurnState.CANCELLED:
      throw withoutAnswer("canceled", `the turn was cancelled by ${turn.reason}`);
    default:
      throw withoutAnswer(FAILURES[turn.errorCode] ?? "internal", `the turn failed: ${causeOf(turn)}`);
  }
}

/** A failed turn's code is the word of a status; only these come from it. */
const FAILURES: Record<string, ErrorStatus> = {
  unavailable: "unavailable",
  resource_exhausted: "resource_exhausted",
  deadline_exceeded: "deadline_exceeded",
};

/** The page that tells of the failure, by its title, where there is one. */
function causeOf({ reason, errorCode }: Turn): string {
  return isErrorCode(reason) ? `${ERROR_CATALOG[reason]} (docs/errors/${reason}.md)` : errorCode;
}

function isErrorCode(reason: string): reason is ErrorCode {
  return Object.hasOwn(ERROR_CATALOG, reason);
}

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

/** Calls of the client's tools, in OpenAI's words. */
export function toolCalls(
  calls: readonly ClientCall[],
): { id: string; type: "function"; function: object }[] {
  return calls.map(({ callId, name, arguments: written }) => ({
    id: callId,
    type: "function",
    function: { name, arguments: written },
  }));
}

/** The whole answer as one `chat.completion`. */
export function completionJson(turn: Turn, model: string): object {
  const calls = toolCalls(turn.clientCalls);
  const content = calls.length > 0 && turn.text === "" ? null : turn.text;
  const choice = {
    index: 0,
    message: { role: "assistant", content, refusal: null, ...(calls.length > 0 && { tool_calls: calls }) },
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
