import type { ErrorCode } from "./error-catalog.ts";

/** The gRPC status that a border gives an error; spelt as Connect spells it in JSON. */
export type ErrorStatus =
  | "invalid_argument"
  | "failed_precondition"
  | "out_of_range"
  | "unauthenticated"
  | "permission_denied"
  | "not_found"
  | "already_exists"
  | "aborted"
  | "resource_exhausted"
  | "canceled"
  | "deadline_exceeded"
  | "unimplemented"
  | "unavailable"
  | "internal";

/** An error that a person or a program may see: code, cause, fix. Its page is docs/errors/CODE.md. */
export class ForerunError extends Error {
  readonly code: ErrorCode;
  readonly status: ErrorStatus;
  readonly fix: string;
  /** Milliseconds after which trying again makes sense. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ErrorCode,
    status: ErrorStatus,
    message: string,
    fix: string,
    options: { cause?: unknown; retryAfterMs?: number } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "ForerunError";
    this.code = code;
    this.status = status;
    this.fix = fix;
    this.retryAfterMs = options.retryAfterMs;
  }
}
