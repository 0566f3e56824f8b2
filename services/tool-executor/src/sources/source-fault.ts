import type { ErrorCode } from "@forerun/runtime/error-catalog";
import { ForerunError } from "@forerun/runtime/forerun-error";

/** What to tell people of a source that cannot be loaded. */
export function sourceFault(error: unknown): { code: ErrorCode; message: string } {
  const { code, message, fix } =
    error instanceof ForerunError ? error : unreadable("it cannot be loaded", error);
  return { code, message: `${message}. ${capitalised(fix)}.` };
}

export function unreadable(what: string, cause: unknown): ForerunError {
  const reason = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
  const fix = "see docs/errors/FR-E1405.md for what is expected";
  return new ForerunError("FR-E1405", "failed_precondition", `${what} (${reason})`, fix, { cause });
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
