/** The connection broke while a transaction was being committed: it may have happened or not. Read again before trying again. */
export class OutcomeUnknownError extends Error {
  constructor(cause: unknown) {
    super("the store's connection broke at the commit", { cause });
    this.name = "OutcomeUnknownError";
  }
}

/** SQLSTATE of an error that Postgres reported; undefined for anything else. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined;
}

export const UNIQUE_VIOLATION = "23505";

/** Is the connection unusable after this error? Without a SQLSTATE it broke; 08, 57P and 25P03 are the server closing it. */
export function isFatal(error: unknown): boolean {
  const state = sqlState(error);
  return state === undefined || /^(08|57P|25P03)/.test(state);
}
