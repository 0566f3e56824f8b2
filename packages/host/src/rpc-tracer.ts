import type { Tracer as RpcTracer } from "@forerun/rpc/observe";
import { RPC } from "@forerun/telemetry/names";
import type { Tracer } from "@forerun/telemetry/tracing";

/** What lies with the server; everything else is the caller's to mend, as the conventions for RPC have it. */
const SERVER_FAULTS: ReadonlySet<string> = new Set([
  "unknown",
  "deadline_exceeded",
  "unimplemented",
  "internal",
  "unavailable",
  "data_loss",
]);

/** Spans of the RPCs that a process serves. */
export function rpcTracer(tracer: Tracer): RpcTracer {
  return ({ system, service, method, parent }) => {
    const attributes = { [RPC.system]: system, [RPC.service]: service, [RPC.method]: method };
    const span = tracer.start(`${service}/${method}`, parent, { kind: "server", attributes });
    return {
      traceparent: span.traceparent,
      end(code) {
        span.setAttributes({ [RPC.statusCode]: code === "canceled" ? "CANCELLED" : code.toUpperCase() });
        span.end(SERVER_FAULTS.has(code) ? "error" : "ok");
      },
    };
  };
}
