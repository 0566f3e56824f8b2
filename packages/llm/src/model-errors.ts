import { ForerunError } from "@forerun/runtime/forerun-error";
import { APIConnectionTimeoutError, APIError, APIUserAbortError } from "openai";
import type { ModelFailure } from "./model-call.ts";
import { retryAfterMs } from "./retry-after.ts";

/**
 * The failures of a model call. Texts are ours alone: what an endpoint sends may hold prompts, keys or attacks and is
 * neither shown nor kept.
 */
export function unreachable(cause: unknown): ForerunError {
  return new ForerunError(
    "FR-E1501",
    "unavailable",
    "The model's endpoint cannot be reached.",
    "Check MODEL_URL and that the endpoint is running.",
    { cause },
  );
}

export function timedOut(): ForerunError {
  return new ForerunError(
    "FR-E1505",
    "deadline_exceeded",
    "The model did not answer in time.",
    "Try again; if it stays slow, use a faster model or endpoint.",
  );
}

export function unreadable(cause?: unknown): ForerunError {
  return new ForerunError(
    "FR-E1506",
    "unavailable",
    "The model's endpoint sent something that is not a chat completion.",
    "Check that MODEL_URL is the base URL of an OpenAI-compatible API; it usually ends in /v1.",
    { cause },
  );
}

export function unreadableEmbeddings(): ForerunError {
  return new ForerunError(
    "FR-E1510",
    "unavailable",
    "The endpoint sent something that is not one vector a text, all of one size.",
    "Check that the address is the base URL of an OpenAI-compatible API and that its model makes embeddings.",
  );
}

export function brokenOff(cause?: unknown): ForerunError {
  return new ForerunError(
    "FR-E1507",
    "unavailable",
    "The model's answer broke off before its end.",
    "Try again; what was written so far is incomplete.",
    { cause },
  );
}

/** An error object in the middle of a stream: the endpoint took the request and then failed. */
export function failedInStream(): ForerunError {
  return new ForerunError(
    "FR-E1504",
    "unavailable",
    "The model failed while it was writing.",
    "Try again; what was written so far is incomplete.",
  );
}

/** Every endpoint of a tier failed so often that none is asked for now. */
export function resting(restMs: number): ForerunError {
  return new ForerunError(
    "FR-E1511",
    "unavailable",
    "The model's endpoint failed several times in a row and is left alone for some seconds.",
    "Look at the errors before this one and mend the endpoint, or name a second one under models.tiers.",
    { retryAfterMs: restMs },
  );
}

const TRANSIENT = new Set([429, 500, 502, 503, 529]);

/** The failure behind whatever a call threw before its first token. `expired`: our own timer ended it. */
export function modelFailure(fault: unknown, expired: boolean): ModelFailure {
  const error = modelError(fault, expired);
  const transient =
    fault instanceof APIError && fault.status !== undefined
      ? TRANSIENT.has(fault.status)
      : error.code === "FR-E1501";
  return { kind: "failed", error, transient };
}

/** The error behind whatever a call threw. */
function modelError(fault: unknown, expired: boolean): ForerunError {
  if (fault instanceof ForerunError) return fault;
  if (expired || fault instanceof APIConnectionTimeoutError || fault instanceof APIUserAbortError) {
    return timedOut();
  }
  if (fault instanceof APIError && fault.status !== undefined) return refused(fault.status, fault.headers);
  return unreachable(fault);
}

function refused(status: number, headers: Headers | undefined): ForerunError {
  const wait = headers && retryAfterMs(headers);
  const options = wait === undefined ? {} : { retryAfterMs: wait };
  if (status === 429) {
    return new ForerunError(
      "FR-E1503",
      "resource_exhausted",
      "The model's endpoint refuses more requests for now (429).",
      "Wait and try again, or raise the limit or credit at the endpoint.",
      options,
    );
  }
  if (status >= 500 || status === 408) {
    return new ForerunError(
      "FR-E1504",
      "unavailable",
      `The model's endpoint failed (${status}).`,
      "Try again; if it goes on, look at the endpoint's own status.",
      options,
    );
  }
  if (status === 401 || status === 403) {
    return new ForerunError(
      "FR-E1502",
      "failed_precondition",
      `The model's endpoint refused the key (${status}).`,
      "Check OPENAI_API_KEY and that it may use the model named in MODEL.",
    );
  }
  return new ForerunError(
    "FR-E1508",
    "failed_precondition",
    `The model's endpoint refused the request (${status}).`,
    "Check that MODEL names a model of this endpoint and that MODEL_URL is its base URL.",
  );
}
