import type { IncomingMessage } from "node:http";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { guard } from "@forerun/runtime/guard";

/** Host names a request may be addressed to; "any" where every request brings a token, which no foreign page has. */
export type AllowedHosts = readonly string[] | "any";

export const LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"] as const;

/**
 * Keeps pages of other sites away from a server that trusts its machine. The Host check stops DNS rebinding, where a foreign name
 * resolves to this address; the Origin check stops a foreign page from posting to it. There are no CORS headers, so it could not read either.
 */
export function requireSameOrigin(request: IncomingMessage, allowedHosts: AllowedHosts): void {
  if (allowedHosts === "any") return;
  const host = request.headers.host ?? "";
  if (!guard("chat.http.host", allowedHosts.includes(hostName(host)))) throw foreign("host", host);
  if (request.method === "GET" || request.method === "HEAD") return;
  const { origin } = request.headers;
  if (!guard("chat.http.origin", origin === undefined || originHost(origin) === host.toLowerCase()))
    throw foreign("origin", origin ?? "");
  const fromHere = origin !== undefined || request.headers["sec-fetch-site"] !== "cross-site";
  if (!guard("chat.http.site", fromHere)) {
    throw foreign("origin", "cross-site");
  }
}

/** "localhost:8080" → "localhost", "[::1]:8080" → "[::1]". */
function hostName(host: string): string {
  return host.replace(/:\d*$/, "").toLowerCase();
}

/** Host and port of a web origin; undefined for "null" and for whatever is no origin. */
function originHost(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

function foreign(what: "host" | "origin", value: string): ForerunError {
  return new ForerunError(
    "FR-E1323",
    "permission_denied",
    `the ${what} ${JSON.stringify(value.slice(0, 128))} is not served here`,
    "Open the address that the server printed at its start; other sites' pages need a server with auth.",
  );
}
