import type { LimitValues } from "./limit-values.ts";
import { TENANT_ACTION, tenantRates } from "./tenant-descriptor.ts";

const CLUSTER = "ratelimit";
const DOMAIN = "forerun";
/** Longer than a count takes on a busy machine; then the gateway goes by its own share, and a tenant may have a little more. */
const WITHIN = "1s";

/** Where a count that was answered says so, for the filters after it: `domain` is then set there. */
export const COUNTED = "envoy.filters.http.ratelimit";
export const COUNTED_KEY = "domain";

/** Asks for the count that all gateways share; one that is away, ill or slow lets requests through. */
export function globalRate(): object {
  return {
    name: COUNTED,
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimit",
      domain: DOMAIN,
      timeout: WITHIN,
      failure_mode_deny: false,
      enable_x_ratelimit_headers: "DRAFT_VERSION_03",
      rate_limited_as_resource_exhausted: true,
      rate_limits: [{ actions: [TENANT_ACTION] }],
      rate_limit_service: {
        transport_api_version: "V3",
        grpc_service: { envoy_grpc: { cluster_name: CLUSTER }, timeout: WITHIN },
      },
    },
  };
}

/** The cluster it asks, when the values name one. */
export function rateLimitCluster({ rate }: LimitValues): object[] {
  if (!rate.service) return [];
  const { host, port } = rate.service;
  const endpoint = { address: { socket_address: { address: host, port_value: port } } };
  return [
    {
      name: CLUSTER,
      type: "STRICT_DNS",
      connect_timeout: "0.25s",
      typed_extension_protocol_options: {
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
          "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
          explicit_http_config: { http2_protocol_options: {} },
        },
      },
      load_assignment: { cluster_name: CLUSTER, endpoints: [{ lb_endpoints: [{ endpoint }] }] },
    },
  ];
}

/** The configuration of envoyproxy/ratelimit, as its one file of `config/` holds it (JSON is YAML). */
export function rateLimitService(values: LimitValues): object {
  const descriptors = tenantRates(values).map(({ entry, rate }) => ({
    ...entry,
    rate_limit: { unit: rate.window, requests_per_unit: rate.requests },
  }));
  return { domain: DOMAIN, descriptors };
}

/** What envoyproxy/ratelimit must have in its environment besides its addresses, for the filters here to be right. */
export const RATE_LIMIT_ENV = {
  BACKEND_TYPE: "redis",
  REDIS_SOCKET_TYPE: "tcp",
  // A count that takes longer would be too late for the gateway.
  REDIS_TIMEOUT: "500ms",
  // Counts that come together go to Redis together.
  REDIS_PIPELINE_WINDOW: "200us",
  // Tells the gateway that it was counted.
  RESPONSE_DYNAMIC_METADATA: "true",
  // A tenant above its limit costs no look at Redis until its window ends.
  LOCAL_CACHE_SIZE_IN_BYTES: "1048576",
  DISABLE_STATS: "true",
} as const;
