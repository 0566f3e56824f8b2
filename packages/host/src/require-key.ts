import { ForerunError } from "@forerun/runtime/forerun-error";

/** FORERUN_KEY, by which processes know each other's callers. @throws ForerunError where it is not set. */
export function requireKey(text: string | undefined): string {
  if (text) return text;
  const message = "FORERUN_KEY is not set, and services know each other's callers by it";
  const fix = "Give all services of a mesh the same 32 random bytes: FORERUN_KEY=$(openssl rand -base64 32).";
  throw new ForerunError("FR-E1003", "failed_precondition", message, fix);
}
