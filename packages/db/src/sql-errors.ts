import { ForerunError } from "@forerun/runtime/forerun-error";

/** SQLSTATE of an error that Postgres reported; undefined for anything else. None begins with E, unlike the system's EPIPE. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" && /^(?!E)[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined;
}

/** Classes of SQLSTATE that say that the statement itself is at fault: what was not supported, data, constraints, rights, limits. */
const LASTING = /^(0A|22|23|42|54)/;

/** Whether the same statement may get through another time: the store was away, busy or had to break a tie. */
export function mayPass(error: unknown): boolean {
  if (error instanceof ForerunError) return error.status === "unavailable";
  const state = sqlState(error);
  return state !== undefined && !LASTING.test(state);
}

export const UNIQUE_VIOLATION = "23505";
