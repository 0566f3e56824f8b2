import type { Logger } from "@forerun/runtime/logger";
import { type HttpError, toHttpError } from "../http-error.ts";
import { OpenAiRefusal } from "./refusal.ts";

/** An HTTP status and a body in OpenAI's error shape. */
export type OpenAiError = { error: HttpError; body: { error: object } };

export function toOpenAiError(thrown: unknown, log: Logger): OpenAiError {
  const refusal = thrown instanceof OpenAiRefusal ? thrown : undefined;
  const error = toHttpError(refusal?.error ?? thrown, log);
  const code =
    refusal?.openAiCode ?? (error.httpStatus === 401 ? "invalid_api_key" : (error.reason ?? error.code));
  return {
    error,
    body: {
      error: {
        message: message(error),
        type: errorType(error.httpStatus),
        param: refusal?.param ?? null,
        code,
      },
    },
  };
}

/** OpenAI's clients show nothing but the message, so code and fix go into it. */
function message({ message, reason, fix }: HttpError): string {
  return [fix ? `${message}.` : message, fix, reason && `(${reason})`].filter(Boolean).join(" ");
}

function errorType(status: number): string {
  if (status === 429) return "rate_limit_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}
