import type { Observer } from "@forerun/rpc/observe";
import { DURATION_BUCKETS, METRICS } from "@forerun/telemetry/names";
import type { Meter } from "@opentelemetry/api";

/** Rate, errors and duration of every RPC that a process serves. */
export function rpcMetrics(meter: Meter): Observer {
  const duration = meter.createHistogram(METRICS.rpcDuration, {
    description: "From a call's arrival to its end; of a stream, to its last message.",
    unit: "s",
    advice: { explicitBucketBoundaries: DURATION_BUCKETS },
  });
  return ({ service, method, code, seconds }) => duration.record(seconds, { service, method, code });
}
