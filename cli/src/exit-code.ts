import { Code, ConnectError } from "@connectrpc/connect";
import { ForerunError } from "@forerun/runtime/forerun-error";

/** What the shell is told; scripts rely on these numbers. */
export const EXIT = {
  ok: 0,
  /** It ran and the result is bad: a failed turn, a failed tool, an unknown id. */
  badResult: 1,
  usage: 2,
  config: 3,
  unreachable: 4,
  notAllowed: 5,
  timedOut: 6,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The exit code of a fault that reached the top. */
export function exitCodeOf(fault: unknown): ExitCode {
  if (fault instanceof ForerunError) return ofForerunError(fault);
  if (fault instanceof ConnectError) return ofConnectCode(fault.code);
  return EXIT.badResult;
}

function ofForerunError(error: ForerunError): ExitCode {
  if (error.code === "FR-E1801" || error.code === "FR-E1803") return EXIT.usage;
  if (error.status === "unavailable") return EXIT.unreachable;
  // Start, store and configuration: what the person who starts the process has to set right.
  if (/^FR-E(1[012]|1903$)/.test(error.code)) return EXIT.config;
  if (error.status === "unauthenticated" || error.status === "permission_denied") return EXIT.notAllowed;
  if (error.status === "deadline_exceeded") return EXIT.timedOut;
  if (error.status === "canceled") return EXIT.interrupted;
  return EXIT.badResult;
}

function ofConnectCode(code: Code): ExitCode {
  switch (code) {
    case Code.Unavailable:
      return EXIT.unreachable;
    case Code.Unauthenticated:
    case Code.PermissionDenied:
      return EXIT.notAllowed;
    case Code.DeadlineExceeded:
      return EXIT.timedOut;
    case Code.Canceled:
      return EXIT.interrupted;
    default:
      return EXIT.badResult;
  }
}
