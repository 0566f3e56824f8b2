import type { Attributes } from "@opentelemetry/api";
import type { SpanName } from "./names.ts";

/** A span under way. `traceparent` is its W3C context: hand it to whatever the span calls. */
export type Span = {
  traceparent: string | undefined;
  setAttributes(attributes: Attributes): void;
  /** Points to a span that it has to do with and does not hang under. */
  link(traceparent: string | undefined): void;
  end(outcome?: "ok" | "error"): void;
};

/** Starts spans under an explicit parent: AsyncLocalStorage would make every await of the process dearer. */
export type Tracer = { start(name: SpanName, parent: string | undefined, attributes?: Attributes): Span };

/** Traces nothing and hands the caller's context on. */
export const passThroughTracer: Tracer = {
  start: (_name, parent) => ({ traceparent: parent, setAttributes() {}, link() {}, end() {} }),
};

/** The 32 hex digits of a traceparent; empty without one. */
export function traceIdOf(traceparent: string | undefined): string {
  return /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(traceparent ?? "")?.[1] ?? "";
}

/** Spans go to the OTLP endpoint of the standard variables; without one nothing is loaded and nothing is traced. */
export async function createTracer(
  service: string,
  env: NodeJS.ProcessEnv,
): Promise<Tracer & AsyncDisposable> {
  if (!env.OTEL_EXPORTER_OTLP_ENDPOINT && !env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) {
    return { ...passThroughTracer, async [Symbol.asyncDispose]() {} };
  }
  const { createOtlpTracer } = await import("./otlp-tracer.ts");
  return createOtlpTracer(service);
}
