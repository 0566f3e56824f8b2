import type { LimitValues } from "./limit-values.ts";
import { CONNECTION_BUFFER_BYTES } from "./listener-limits.ts";

/** Share of one upstream's hosts that may be left out at once; the last ones stand however ill they are. */
const MAX_EJECTED_PERCENT = 50;

/**
 * Fields of a Cluster that bound what stands in line before an upstream, and leave out hosts that answer nothing. Refusals of
 * ours (429) and faults told in an answer are no sign of an ill host; a lost connection, 502, 503 and 504 are.
 */
export function clusterLimits({ upstream }: LimitValues): object {
  return {
    per_connection_buffer_limit_bytes: CONNECTION_BUFFER_BYTES,
    connect_timeout: "2s",
    circuit_breakers: {
      thresholds: [
        {
          max_connections: upstream.connections,
          max_pending_requests: upstream.pending_requests,
          max_requests: upstream.requests,
          max_retries: upstream.retries,
          track_remaining: true,
        },
      ],
    },
    outlier_detection: {
      interval: "1s",
      base_ejection_time: "2s",
      max_ejection_time: "30s",
      max_ejection_percent: MAX_EJECTED_PERCENT,
      // Answers with 500 are the turn's own, not the host's.
      consecutive_5xx: 1_000,
      enforcing_consecutive_5xx: 0,
      consecutive_gateway_failure: 5,
      enforcing_consecutive_gateway_failure: 100,
      split_external_local_origin_errors: true,
      consecutive_local_origin_failure: 3,
      enforcing_success_rate: 0,
    },
  };
}
