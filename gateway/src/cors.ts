import { typed } from "./typed.ts";
import type { Values } from "./values.ts";

const NAME = "envoy.filters.http.cors";

/** Answers preflights, where other sites' pages may call at all. It stands before the token is asked for: a preflight has none. */
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
  });
  return { typed_per_filter_config: { [NAME]: policy } };
}
