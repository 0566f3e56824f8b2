import { randomUUID } from "node:crypto";
import { Code, ConnectError } from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import { readError } from "@forerun/rpc/error-details";
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

/** Codes under which a fault travels that nobody worded for the outside. */
const FAULTS: readonly Code[] = [Code.Unknown, Code.Internal, Code.DataLoss];

/** Translates whatever was thrown. A fault that nobody worded for the outside becomes `internal` with an id that the log repeats. */
export function toHttpError(thrown: unknown, log: Logger): HttpError {
  if (thrown instanceof ForerunError) return worded(thrown.status, thrown.message, thrown);
  if (thrown instanceof ConnectError) {
    const error = readError(thrown);
    if (error.code || !FAULTS.includes(error.status)) {
      return worded(codeToString(error.status) as ErrorStatus, error.message, error);
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
