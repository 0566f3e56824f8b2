import { randomUUID } from "node:crypto";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema, RetryInfoSchema } from "@forerun/contracts/google/rpc/error_details_pb";
import { type ErrorStatus, ForerunError } from "@forerun/runtime/forerun-error";
import type { Logger } from "@forerun/runtime/logger";

/** What an HTTP client learns about an error, in whatever shape its API prints it. */
export type HttpError = {
  httpStatus: number;
  /** Connect's spelling of the gRPC code, for example "invalid_argument". */
  code: string;
  message: string;
  /** The stable FR-E code; undefined where saying the cause would help an attacker. */
  reason: string | undefined;
  fix: string | undefined;
  retryAfterMs: number | undefined;
};

const HTTP_STATUS: Record<ErrorStatus, number> = {
  invalid_argument: 400,
  failed_precondition: 400,
  out_of_range: 400,
  unauthenticated: 401,
  permission_denied: 403,
  not_found: 404,
  already_exists: 409,
  aborted: 409,
  resource_exhausted: 429,
  canceled: 499,
  internal: 500,
  unimplemented: 501,
  unavailable: 503,
  deadline_exceeded: 504,
};

/** HTTP tells apart what gRPC has one code for. */
const HTTP_STATUS_OF_REASON: Record<string, number> = {
  "FR-E1302": 413,
  "FR-E1321": 405,
  "FR-E1322": 415,
  "FR-E1707": 413,
};

const STATUS_OF_CODE: Partial<Record<Code, ErrorStatus>> = {
  [Code.Canceled]: "canceled",
  [Code.InvalidArgument]: "invalid_argument",
  [Code.DeadlineExceeded]: "deadline_exceeded",
  [Code.NotFound]: "not_found",
  [Code.AlreadyExists]: "already_exists",
  [Code.PermissionDenied]: "permission_denied",
  [Code.ResourceExhausted]: "resource_exhausted",
  [Code.FailedPrecondition]: "failed_precondition",
  [Code.Aborted]: "aborted",
  [Code.OutOfRange]: "out_of_range",
  [Code.Unimplemented]: "unimplemented",
  [Code.Unavailable]: "unavailable",
  [Code.Unauthenticated]: "unauthenticated",
};

/** Translates whatever was thrown. A fault that nobody worded for the outside becomes `internal` with an id that the log repeats. */
export function toHttpError(thrown: unknown, log: Logger): HttpError {
  if (thrown instanceof ForerunError) return worded(thrown.status, thrown.message, thrown);
  if (thrown instanceof ConnectError) {
    const status = STATUS_OF_CODE[thrown.code];
    const info = thrown.findDetails(ErrorInfoSchema).find((detail) => detail.domain === "forerun");
    if (status || info) {
      return worded(status ?? "internal", thrown.rawMessage, {
        code: info?.reason,
        fix: info?.metadata.fix,
        retryAfterMs: retryDelayMs(thrown),
      });
    }
  }
  const id = randomUUID();
  log.error({ error_id: id, err: thrown }, "request failed by a fault");
  return worded("internal", `internal error ${id}`, { code: "FR-E1304" });
}

type Wording = { code?: string | undefined; fix?: string | undefined; retryAfterMs?: number | undefined };

function worded(status: ErrorStatus, message: string, { code, fix, retryAfterMs }: Wording): HttpError {
  // One body for every cause, so that a guess at a token teaches nothing.
  if (status === "unauthenticated") {
    return { ...bare, httpStatus: 401, code: status, message: "invalid credentials" };
  }
  const httpStatus = HTTP_STATUS_OF_REASON[code ?? ""] ?? HTTP_STATUS[status];
  return { httpStatus, code: status, message, reason: code, fix, retryAfterMs };
}

const bare = { reason: undefined, fix: undefined, retryAfterMs: undefined };

function retryDelayMs(error: ConnectError): number | undefined {
  const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
  return delay && Number(delay.seconds) * 1000 + Math.ceil(delay.nanos / 1e6);
}
