import type { LimitValues } from "./limit-values.ts";

const HEAP = "envoy.resource_monitors.fixed_heap";
const CONNECTIONS = "envoy.resource_monitors.global_downstream_max_connections";

/** The bootstrap's overload manager: what the gateway does as its memory fills, before the system ends it. */
export function overloadManager(values: LimitValues): object {
  return {
    refresh_interval: "0.25s",
    resource_monitors: [
      monitor(HEAP, "fixed_heap.v3.FixedHeapConfig", { max_heap_size_bytes: values.heap_bytes }),
      monitor(CONNECTIONS, "downstream_connections.v3.DownstreamConnectionsConfig", {
        max_active_downstream_connections: values.connections,
      }),
    ],
    actions: [
      // Times run down faster as memory fills, so that whoever holds much and does little goes first.
      {
        name: "envoy.overload_actions.reduce_timeouts",
        triggers: [{ name: HEAP, scaled: { scaling_threshold: 0.8, saturation_threshold: 0.95 } }],
        typed_config: {
          "@type": "type.googleapis.com/envoy.config.overload.v3.ScaleTimersOverloadActionConfig",
          timer_scale_factors: [
            { timer: "HTTP_DOWNSTREAM_CONNECTION_IDLE", min_timeout: "2s" },
            { timer: "HTTP_DOWNSTREAM_STREAM_IDLE", min_timeout: "20s" },
          ],
        },
      },
      above(0.9, "envoy.overload_actions.disable_http_keepalive"),
      above(0.92, "envoy.overload_actions.stop_accepting_connections"),
      above(0.95, "envoy.overload_actions.stop_accepting_requests"),
      above(0.98, "envoy.overload_actions.shrink_heap"),
    ],
  };
}

/**
 * Values of Envoy's runtime against clients that ask and take back: a connection whose streams were mostly reset within a
 * second of their opening is closed, and no connection may start many streams in one turn of the event loop.
 */
export function floodRuntime(): object {
  return {
    overload: { premature_reset_total_stream_count: 200, premature_reset_min_stream_lifetime_seconds: 1 },
    http: { max_requests_per_io_cycle: 10 },
  };
}

function monitor(name: string, type: string, config: object): object {
  const url = `type.googleapis.com/envoy.extensions.resource_monitors.${type}`;
  return { name, typed_config: { "@type": url, ...config } };
}

function above(share: number, action: string): object {
  return { name: action, triggers: [{ name: HEAP, threshold: { value: share } }] };
}
