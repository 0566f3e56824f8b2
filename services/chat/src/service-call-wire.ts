/** What every call of another service carries, and how its errors are judged. */
import { type CallOptions, Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "@forerun/contracts/google/rpc/error_details_pb";
import { asCaller } from "@forerun/rpc/call-context";
import type { CallScope } from "./collaborators.ts";
import { CollaboratorFault, type FailureCode } from "./ending.ts";

/** The turn ends what it began at its deadline; only a call whose cancel got lost lives this much longer. */
const PAST_DEADLINE_MS = 1_000;

/**
 * What a call may take is the turn's own time and a little more: the turn ends its calls itself, and the services need to know
 * how long a retry may wait.
 */
export function optionsOf({ caller, signal, trace, deadline }: CallScope): CallOptions {
  const timeoutMs = Math.max(0, deadline.getTime() - Date.now()) + PAST_DEADLINE_MS;
  return asCaller(caller, { signal, trace, timeoutMs });
}

/** An error of another service, judged here: its code is kept where a client can act on it, its text never. */
export function faultOf(service: string, fault: unknown): CollaboratorFault {
  const error = ConnectError.from(fault);
  const [info] = error.findDetails(ErrorInfoSchema);
  const page = info?.domain === "forerun" ? info.reason : "";
  return new CollaboratorFault(service, FAILURES.get(error.code) ?? "internal", { page, cause: fault });
}

const FAILURES = new Map<Code, FailureCode>([
  [Code.Unavailable, "unavailable"],
  [Code.ResourceExhausted, "resource_exhausted"],
  [Code.DeadlineExceeded, "deadline_exceeded"],
]);
