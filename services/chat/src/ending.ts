import { ForerunError } from "@forerun/runtime/forerun-error";
import type { Logger } from "@forerun/runtime/logger";
import { Fenced } from "./scribe.ts";
import type { Ending } from "./turn.ts";

export type StopReason = "user" | "disconnect" | "shutdown";

/** A collaborator failed in a way that clients.ts has named. */
export class CollaboratorFault extends Error {
  override readonly name = "CollaboratorFault";
  readonly code: string;
  readonly retryable: boolean;

  constructor(code: string, retryable: boolean, options: { cause: unknown }) {
    super(code, options);
    this.code = code;
    this.retryable = retryable;
  }
}

/** What a turn ends as when its work was stopped or failed. A fenced owner writes no ending: that is thrown on. */
export function endingOf(
  fault: unknown,
  stopped: StopReason | "deadline" | undefined,
  hasText: boolean,
  log: Logger,
  turnId: string,
): Ending {
  if (fault instanceof Fenced) throw fault;
  if (stopped === "deadline") {
    return hasText
      ? { state: "incomplete", reason: "deadline" }
      : { state: "failed", errorCode: "FR-E1708", retryable: true };
  }
  if (stopped) return { state: "cancelled", reason: stopped };
  log.error({ turn_id: turnId, err: fault }, "a turn failed");
  if (fault instanceof CollaboratorFault)
    return { state: "failed", errorCode: fault.code, retryable: fault.retryable };
  if (fault instanceof ForerunError) {
    return { state: "failed", errorCode: fault.code, retryable: fault.status === "unavailable" };
  }
  return { state: "failed", errorCode: "FR-E1304", retryable: false };
}
