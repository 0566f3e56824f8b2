/** The Chat API's refusals: one place for their codes, causes and fixes. */
import { ForerunError } from "@forerun/runtime/forerun-error";
import type { Refusal } from "../quota/turn-quota.ts";

export function noSuchTurn(): ForerunError {
  return new ForerunError(
    "FR-E1702",
    "not_found",
    "no such turn",
    "Check the id; ListTurns names the turns there are.",
  );
}

export function noSuchConversation(): ForerunError {
  const fix = "Check the id; ListConversations names the conversations there are.";
  return new ForerunError("FR-E1701", "not_found", "no such conversation", fix);
}

export function badPageToken(): ForerunError {
  const fix = "Send the next_page_token of an earlier response unchanged, or none.";
  return new ForerunError("FR-E1705", "invalid_argument", "page_token: not one of ours", fix);
}

export function conversationBusy(turnId: string): ForerunError {
  const fix =
    "Wait for that turn to end (StreamTurn), or say with concurrency_policy what is to become of it.";
  return new ForerunError(
    "FR-E1703",
    "failed_precondition",
    `the conversation is busy with turn ${turnId}`,
    fix,
  );
}

export function queueFull(limit: number): ForerunError {
  const message = `${limit} turns of the conversation wait already, which is as many as may`;
  const fix = "Wait until one has started, or end one that waits (CancelTurn).";
  return new ForerunError("FR-E1713", "resource_exhausted", message, fix, { retryAfterMs: 1_000 });
}

export function keyWanted(): ForerunError {
  const message = "resume_after: without input.idempotency_key it does not name a turn";
  return new ForerunError("FR-E1301", "invalid_argument", message, "Send the key that the turn began with.");
}

export function keyReused(): ForerunError {
  const message = "input.idempotency_key: already used for another request";
  return new ForerunError("FR-E1704", "already_exists", message, "Use a new key for a new request.");
}

export function pastTheEnd(lastSequence: number, epoch: number): ForerunError {
  const message = `after_sequence: the last event is ${lastSequence} of epoch ${epoch}`;
  return new ForerunError(
    "FR-E1706",
    "out_of_range",
    message,
    "Resume from the last event that was received.",
  );
}

export function textTooLarge(bytes: number, limit: number): ForerunError {
  const message = `input.text: ${bytes} bytes, and ${limit} is the limit`;
  const fix = "Shorten the message, or ingest the document and ask about it.";
  return new ForerunError("FR-E1707", "resource_exhausted", message, fix);
}

export function quotaSpent({ meter, retryAfterMs }: Refusal): ForerunError {
  const { scope, unit } = meter;
  const whose = scope.kind === "model" ? `of the model ${scope.model}` : `of the ${scope.kind}`;
  const message = `the quota ${whose} is used up (${unit === "tokens" ? "tokens" : "cost"})`;
  const fix = "Try again when there is more; GetQuota tells how much is left and when that is.";
  return new ForerunError("FR-E1714", "resource_exhausted", message, fix, { retryAfterMs });
}

export function serverFull(): ForerunError {
  const message = "as many turns are running as this server takes on";
  return new ForerunError("FR-E1708", "resource_exhausted", message, "Try again in a moment.", {
    retryAfterMs: 1_000,
  });
}

export function serverStopping(): ForerunError {
  return new ForerunError("FR-E1709", "unavailable", "this server is stopping", "Try again.", {
    retryAfterMs: 1_000,
  });
}

export function modelNeeded(field: string): ForerunError {
  return new ForerunError(
    "FR-E1531",
    "failed_precondition",
    `${field} takes a language model, and none is connected`,
    "Set MODEL and either OPENAI_API_KEY or MODEL_URL, then start again.",
  );
}

export function badResponseSchema(problem: string): ForerunError {
  const fix = "Send a JSON Schema (2020-12) that stands alone.";
  return new ForerunError("FR-E1711", "invalid_argument", `input.response_schema: ${problem}`, fix);
}

export function badClientTools(fault: string): ForerunError {
  const fix = "After an assistant's message with calls send one tool message for each, with its id.";
  return new ForerunError("FR-E1712", "invalid_argument", `input.client_tools: ${fault}`, fix);
}

export function notImplemented(what: string): ForerunError {
  const fix = "docs/api.md lists what this version does not do yet.";
  return new ForerunError("FR-E1303", "unimplemented", `${what} is not implemented yet`, fix);
}
