import type { Interceptor } from "@connectrpc/connect";

const KEPT_AS = "forerun-token";

/** The token that was entered in this tab; it is gone with the tab. */
export function keptToken(): string | null {
  return sessionStorage.getItem(KEPT_AS);
}

export function keepToken(token: string): void {
  sessionStorage.setItem(KEPT_AS, token);
}

/** Sends a token with every call, where there is one. */
export function bearing(token: () => string | null): Interceptor {
  return (next) => (request) => {
    const known = token();
    if (known) request.header.set("authorization", `Bearer ${known}`);
    return next(request);
  };
}
