const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: "cannot be found: its name does not resolve, perhaps because there is no network",
  EAI_AGAIN: "cannot be found: names do not resolve, perhaps because there is no network",
  ECONNREFUSED: "refuses connections",
  ECONNRESET: "broke the connection off",
  EPIPE: "broke the connection off",
  UND_ERR_SOCKET: "broke the connection off",
  ENETUNREACH: "cannot be reached: there is no network",
  EHOSTUNREACH: "cannot be reached: there is no way to it",
  ETIMEDOUT: "did not take the connection in time",
  UND_ERR_CONNECT_TIMEOUT: "did not take the connection in time",
  UND_ERR_HEADERS_TIMEOUT: "did not answer in time",
  UND_ERR_BODY_TIMEOUT: "stopped in the middle of its answer",
};

/** Why a request got no answer, to follow "The weather service". Names no host, port or path. */
export function unreachableReason(error: unknown): string {
  return (
    codesOf(error)
      .map((code) => REASONS[code])
      .find(Boolean) ?? "gave no usable answer"
  );
}

/** Codes of the error and of what lies behind it: with several addresses, each has failed in its own way. */
function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const code = "code" in error && typeof error.code === "string" ? [error.code] : [];
  const inner = error instanceof AggregateError ? error.errors : [];
  return [...code, ...[error.cause, ...inner].flatMap(codesOf)];
}
