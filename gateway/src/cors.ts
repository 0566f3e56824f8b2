import { typed } from "./typed.ts";
import type { Values } from "./values.ts";

const NAME = "envoy.filters.http.cors";

/** Answers preflights and lets pages read answers, where other sites' pages may call at all. It goes by the route that a token leads to. */
export function corsFilter({ origins }: Values): object[] {
  return origins.length > 0
    ? [{ name: NAME, typed_config: typed("extensions.filters.http.cors.v3.Cors") }]
    : [];
}

/** Fields of a virtual host: which origins may read, and what they may send. No cookies are used, so none are let through. */
export function corsOfHost({ origins }: Values): object {
  if (origins.length === 0) return {};
  const policy = typed("extensions.filters.http.cors.v3.CorsPolicy", {
    allow_origin_string_match: origins.map((origin) => ({ exact: new URL(origin).origin })),
    allow_methods: "GET, POST",
    allow_headers:
      "authorization, content-type, accept, last-event-id, traceparent, connect-protocol-version, connect-timeout-ms, x-grpc-web, grpc-timeout, x-user-agent",
    expose_headers: "grpc-status, grpc-message, grpc-status-details-bin, retry-after, x-request-id",
    max_age: "600",
    // No preflight goes further than this.
    forward_not_matching_preflights: false,
  });
  return { typed_per_filter_config: { [NAME]: policy } };
}

/** What a preflight is matched by; it bears no token, and is answered before it gets anywhere. */
export const PREFLIGHT: readonly object[] = [
  { name: ":method", string_match: { exact: "OPTIONS" } },
  { name: "origin", present_match: true },
  { name: "access-control-request-method", present_match: true },
];
