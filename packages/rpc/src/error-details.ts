import { create } from "@bufbuild/protobuf";
import { durationFromMs, durationMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema, RetryInfoSchema } from "@forerun/contracts/google/rpc/error_details_pb";
import type { ErrorCode } from "@forerun/runtime/error-catalog";
import type { ErrorStatus, ForerunError } from "@forerun/runtime/forerun-error";
import { unauthenticated } from "./call-context.ts";

const CODES: Readonly<Record<ErrorStatus, Code>> = {
  invalid_argument: Code.InvalidArgument,
  failed_precondition: Code.FailedPrecondition,
  out_of_range: Code.OutOfRange,
  unauthenticated: Code.Unauthenticated,
  permission_denied: Code.PermissionDenied,
  not_found: Code.NotFound,
  already_exists: Code.AlreadyExists,
  aborted: Code.Aborted,
  resource_exhausted: Code.ResourceExhausted,
  canceled: Code.Canceled,
  deadline_exceeded: Code.DeadlineExceeded,
  unimplemented: Code.Unimplemented,
  unavailable: Code.Unavailable,
  internal: Code.Internal,
};

type Detail = Exclude<ConnectError["details"][number], { type: string }>;

/** google.rpc.ErrorInfo with our code as reason and the fix as metadata. */
export function errorInfo(reason: ErrorCode, fix: string): Detail {
  return {
    desc: ErrorInfoSchema,
    value: create(ErrorInfoSchema, { reason, domain: "forerun", metadata: { fix } }),
  };
}

/** The wire form of an error with a code, a cause and a fix. */
export function connectErrorOf(error: ForerunError): ConnectError {
  if (error.status === "unauthenticated") return unauthenticated();
  const details: Detail[] = [errorInfo(error.code, error.fix)];
  if (error.retryAfterMs !== undefined) {
    details.push({ desc: RetryInfoSchema, value: { retryDelay: durationFromMs(error.retryAfterMs) } });
  }
  return new ConnectError(error.message.toWellFormed(), CODES[error.status], undefined, details);
}

/** What a client may show of an error: its status, its words, and code, fix and delay where the server gave them. */
export type ReadError = Readonly<{
  status: Code;
  message: string;
  code: string | undefined;
  fix: string | undefined;
  retryAfterMs: number | undefined;
}>;

/** Reads what a call threw, whichever way it came. */
export function readError(thrown: unknown): ReadError {
  const error = ConnectError.from(thrown);
  const info = error.findDetails(ErrorInfoSchema)[0];
  const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
  return {
    status: error.code,
    message: error.rawMessage,
    code: info?.reason,
    fix: info?.metadata.fix,
    retryAfterMs: delay && durationMs(delay),
  };
}
