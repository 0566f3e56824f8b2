import type { HttpError } from "./http-error.ts";

/** An error in the shape of the Chat API: Connect's envelope with its details spelt out. */
export function errorJson(error: HttpError): object {
  const details = [
    error.reason && {
      type: "google.rpc.ErrorInfo",
      reason: error.reason,
      domain: "forerun",
      ...(error.fix && { metadata: { fix: error.fix } }),
    },
    error.retryAfterMs !== undefined && {
      type: "google.rpc.RetryInfo",
      retry_delay: `${error.retryAfterMs / 1000}s`,
    },
  ].filter(Boolean);
  return { code: error.code, message: error.message, ...(details.length > 0 && { details }) };
}

/** Headers that belong to an error whatever its body looks like. */
export function errorHeaders(error: HttpError): Record<string, string> {
  return {
    ...(error.retryAfterMs !== undefined && {
      "retry-after": String(Math.max(1, Math.ceil(error.retryAfterMs / 1000))),
    }),
    ...(error.httpStatus === 401 && { "www-authenticate": "Bearer" }),
  };
}
