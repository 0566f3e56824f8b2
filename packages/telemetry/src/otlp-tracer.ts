import {
  type Context,
  ROOT_CONTEXT,
  type SpanContext,
  SpanStatusCode,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import type { Tracer } from "./tracing.ts";

/** Endpoint, headers, sampler and batch sizes come from the standard OTEL_* variables. */
export function createOtlpTracer(service: string): Tracer & AsyncDisposable {
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ "service.name": service }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  const tracer = provider.getTracer("forerun");
  return {
    start(name, parent, attributes = {}) {
      const span = tracer.startSpan(name, { attributes }, contextOf(parent));
      return {
        traceparent: format(span.spanContext()),
        setAttributes: (more) => void span.setAttributes(more),
        link(traceparent) {
          const context = trace.getSpanContext(contextOf(traceparent));
          if (context) span.addLink({ context });
        },
        end(outcome = "ok") {
          if (outcome === "error") span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
    [Symbol.asyncDispose]: () => provider.shutdown(),
  };
}

function format(context: SpanContext): string {
  const flags = context.traceFlags.toString(16).padStart(2, "0");
  return `00-${context.traceId}-${context.spanId}-${flags}`;
}

function contextOf(traceparent: string | undefined): Context {
  const parts = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? "");
  if (!parts?.[1] || !parts[2] || !parts[3]) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: parts[1],
    spanId: parts[2],
    traceFlags: Number.parseInt(parts[3], 16) & TraceFlags.SAMPLED,
    isRemote: true,
  });
}
