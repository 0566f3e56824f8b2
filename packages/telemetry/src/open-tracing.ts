import { ForerunError } from "@forerun/runtime/forerun-error";
import type { Logger } from "@forerun/runtime/logger";
import { passThroughTracer, type Tracer } from "./tracing.ts";

/** Where the spans of a process go: one way out for all services that run in it. Disposing of it sends what is left. */
export type Tracing = { tracerOf(service: string): Tracer } & AsyncDisposable;

/**
 * Spans go to the OTLP endpoint of the standard OTEL_* variables; without one nothing is loaded and nothing is traced.
 * Throws FR-E1004 for a protocol that is not spoken here.
 */
export async function openTracing(env: NodeJS.ProcessEnv, log: Logger): Promise<Tracing> {
  if (!isWanted(env)) return { tracerOf: () => passThroughTracer, async [Symbol.asyncDispose]() {} };
  const protocol = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? env.OTEL_EXPORTER_OTLP_PROTOCOL;
  if (protocol && protocol !== "http/protobuf") throw unknownProtocol(protocol);
  const { openOtlpTracing } = await import("./otlp-tracing.ts");
  return openOtlpTracing(log);
}

function isWanted(env: NodeJS.ProcessEnv): boolean {
  const off = env.OTEL_SDK_DISABLED?.toLowerCase() === "true" || env.OTEL_TRACES_EXPORTER === "none";
  return !off && Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT);
}

function unknownProtocol(protocol: string): ForerunError {
  return new ForerunError(
    "FR-E1004",
    "failed_precondition",
    `OTEL_EXPORTER_OTLP_PROTOCOL is ${protocol}, and spans are sent by http/protobuf alone`,
    "Unset it and point OTEL_EXPORTER_OTLP_ENDPOINT at the collector's HTTP port, usually 4318.",
  );
}
