import { isUrl, keyFileCluster } from "./key-file.ts";
import { clusterLimits } from "./limits/cluster-limits.ts";
import { publicTls, upstreamTls } from "./tls.ts";
import { typed } from "./typed.ts";
import type { Address, Values } from "./values.ts";

export const CHAT_HTTP = "chat-http";
export const CHAT_GRPC = "chat-grpc";
export const JWKS = "jwks";
export const TRACES = "traces";

/** Chat's two doors. A replica that says it is leaving, or says nothing, gets no new requests. */
export function chatClusters(values: Values): object[] {
  const { http, grpc } = values.upstream;
  const shared = { lb_policy: "LEAST_REQUEST", ...clusterLimits(values.limits), ...upstreamTls(values) };
  return [
    {
      ...cluster(CHAT_HTTP, http),
      ...shared,
      ...protocol({ http_protocol_options: {} }),
      health_checks: [{ ...PROBING, http_health_check: { path: "/readyz" } }],
    },
    {
      ...cluster(CHAT_GRPC, grpc),
      ...shared,
      // A quiet connection is tried, so that a host that is gone is not found out by a request.
      ...protocol({ http2_protocol_options: { connection_keepalive: { interval: "30s", timeout: "5s" } } }),
      health_checks: [{ ...PROBING, grpc_health_check: {} }],
    },
  ];
}

/** Where keys come from. */
export function jwksCluster({ auth }: Values): object {
  return isUrl(auth.jwks) ? outside(JWKS, new URL(auth.jwks)) : keyFileCluster(JWKS);
}

/** Where spans go, when the values name a collector. */
export function tracingCluster({ tracing }: Values): object[] {
  return tracing ? [outside(TRACES, new URL(tracing.url))] : [];
}

const PROBING = {
  timeout: "1s",
  interval: "2s",
  unhealthy_interval: "0.5s",
  // A host is asked once before it gets requests; after that one slow answer is no illness.
  initial_jitter: "0.05s",
  unhealthy_threshold: 2,
  healthy_threshold: 1,
  no_traffic_interval: "2s",
  always_log_health_check_failures: false,
};

function outside(name: string, url: URL): object {
  const secure = url.protocol === "https:";
  const port = Number(url.port) || (secure ? 443 : 80);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return {
    ...cluster(name, [{ host, port }]),
    connect_timeout: "2s",
    ...(secure && publicTls(url.hostname)),
  };
}

function cluster(name: string, addresses: readonly Address[]): object {
  const lb_endpoints = addresses.map(({ host, port }) => ({
    endpoint: { address: { socket_address: { address: host, port_value: port } } },
  }));
  // Names are looked up again and again, and each address that comes is a host of its own.
  return {
    name,
    type: "STRICT_DNS",
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints }] },
  };
}

/** Sooner than chat, which closes a connection that was idle for 75 s: a request on its way then would be lost. */
const IDLE = "60s";

function protocol(explicit_http_config: object): object {
  const options = typed("extensions.upstreams.http.v3.HttpProtocolOptions", {
    common_http_protocol_options: { idle_timeout: IDLE },
    explicit_http_config,
  });
  return {
    typed_extension_protocol_options: { "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": options },
  };
}
