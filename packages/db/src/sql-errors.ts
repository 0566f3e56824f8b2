/** SQLSTATE of an error that Postgres reported; undefined for anything else. None begins with E, unlike the system's EPIPE. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" && /^(?!E)[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined;
}

export const UNIQUE_VIOLATION = "23505";
