import { TRACES } from "./clusters.ts";
import { typed } from "./typed.ts";
import type { Values } from "./values.ts";

const SERVICE = "gateway";
const SAMPLERS = "extensions.tracers.opentelemetry.samplers.v3";

/**
 * Fields of an HttpConnectionManager: one span a request, with W3C's header to the inside, so that a turn's trace begins here. A
 * trace that a client began goes on with the client's decision whether it is kept.
 */
export function tracing({ tracing: traced }: Values): object {
  if (!traced) return {};
  const provider = typed("config.trace.v3.OpenTelemetryConfig", {
    service_name: SERVICE,
    http_service: {
      http_uri: { uri: new URL("v1/traces", withSlash(traced.url)).href, cluster: TRACES, timeout: "2s" },
    },
    sampler: sampler("parent_based", "ParentBasedSamplerConfig", {
      wrapped_sampler: sampler("trace_id_ratio_based", "TraceIdRatioBasedSamplerConfig", {
        sampling_percentage: { numerator: Math.round(traced.sample * 1_000_000), denominator: "MILLION" },
      }),
    }),
  });
  return {
    tracing: {
      provider: { name: "envoy.tracers.opentelemetry", typed_config: provider },
      // Paths are names of methods; what follows them is not for traces.
      operation: "%PATH(NQ:PATH)%",
      max_path_tag_length: 64,
    },
  };
}

function sampler(name: string, type: string, config: object): object {
  return {
    name: `envoy.tracers.opentelemetry.samplers.${name}`,
    typed_config: typed(`${SAMPLERS}.${type}`, config),
  };
}

function withSlash(url: string): string {
  return url.endsWith("/") ? url : `${url}/`;
}
