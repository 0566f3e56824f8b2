import type { Logger } from "@forerun/runtime/logger";
import { Fenced } from "./scribe.ts";
import type { Ending } from "./turn.ts";

/** The last two are newer turns of the conversation. */
export const STOP_REASONS = ["user", "disconnect", "shutdown", "interrupt", "rollback"] as const;

export type StopReason = (typeof STOP_REASONS)[number];

/** What clients of a failed turn are told: the word of the status that the fault would have as an RPC. */
export type FailureCode = "unavailable" | "resource_exhausted" | "deadline_exceeded" | "internal";

/** A service that the turn needs failed in a way that clients.ts has judged. */
export class CollaboratorFault extends Error {
  override readonly name = "CollaboratorFault";
  readonly code: FailureCode;
  /** Code of the fault's page in docs/errors; empty where the service named none. */
  readonly page: string;

  constructor(service: string, code: FailureCode, options: { page: string; cause: unknown }) {
    super(`${service}: ${code} ${options.page}`, options);
    this.code = code;
    this.page = options.page;
  }
}

/** What a turn ends as when its work was stopped or failed. A fenced owner writes no ending: that is thrown on. */
export function endingOf(
  fault: unknown,
  stopped: StopReason | "deadline" | undefined,
  hasText: boolean,
  log: Logger,
): Ending {
  if (fault instanceof Fenced) throw fault;
  if (stopped === "deadline") {
    return hasText ? { state: "incomplete", reason: "deadline" } : failed("deadline_exceeded");
  }
  if (stopped) return { state: "cancelled", reason: stopped };
  log.error({ err: fault }, "a turn failed");
  return fault instanceof CollaboratorFault ? failed(fault.code, fault.page) : failed("internal");
}

function failed(code: FailureCode, page = ""): Ending {
  return { state: "failed", errorCode: code, reason: page, retryable: code !== "internal" };
}
