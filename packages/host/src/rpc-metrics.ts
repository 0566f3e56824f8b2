import type { Observer } from "@forerun/rpc/observe";
import { DURATION_BUCKETS, METRICS } from "@forerun/telemetry/names";
import type { Meter } from "@opentelemetry/api";

/** Rate, errors and duration of every RPC that a process serves. */
export function rpcMetrics(meter: Meter): Observer {
  const description = "From a call's arrival to its end; of a stream, to its last message.";
  return recording(meter, METRICS.rpcDuration, description);
}

/** Rate, errors and duration of every RPC that a process asks others for. */
export function rpcClientMetrics(meter: Meter): Observer {
  const description = "From a call's beginning to its end as its caller sees it, retries included.";
  return recording(meter, METRICS.rpcClientDuration, description);
}

function recording(meter: Meter, name: string, description: string): Observer {
  const duration = meter.createHistogram(name, {
    description,
    unit: "s",
    advice: { explicitBucketBoundaries: DURATION_BUCKETS },
  });
  return ({ service, method, code, seconds }) => duration.record(seconds, { service, method, code });
}
