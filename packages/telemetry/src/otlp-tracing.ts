import { randomUUID } from "node:crypto";
import type { Logger } from "@forerun/runtime/logger";
import {
  type Context,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import {
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider, type SpanProcessor } from "@opentelemetry/sdk-trace-node";
import { CLIENT_SPANS, SPANS } from "./names.ts";
import type { Tracing } from "./open-tracing.ts";
import { reportingExporter } from "./reporting-exporter.ts";
import { type SpanKind as Kind, passThroughTracer, type Tracer } from "./tracing.ts";

/** How long a process that ends waits for its last spans, in milliseconds. */
const LAST_SPANS_MS = 2_000;

/** Endpoint, headers, resource, sampler, limits and batch sizes come from the standard OTEL_* variables. */
export function openOtlpTracing(log: Logger): Tracing {
  const processor = new BatchSpanProcessor(reportingExporter(new OTLPTraceExporter(), log));
  const instance = randomUUID();
  return {
    tracerOf: (service) => tracerOf(resourceOf(service, instance), processor),
    async [Symbol.asyncDispose]() {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, LAST_SPANS_MS);
      });
      // What cannot be sent has been reported already.
      await Promise.race([processor.shutdown().catch(() => {}), late]);
      clearTimeout(timer);
    },
  };
}

/** OTEL_RESOURCE_ATTRIBUTES, under the names that a service has whatever its environment says. */
function resourceOf(service: string, instance: string): Resource {
  const ours = { "service.namespace": "forerun", "service.name": service, "service.instance.id": instance };
  return detectResources({ detectors: [envDetector] }).merge(resourceFromAttributes(ours));
}

function tracerOf(resource: Resource, processor: SpanProcessor): Tracer {
  const tracer = new NodeTracerProvider({ resource, spanProcessors: [processor] }).getTracer("forerun");
  return {
    start(name, parent, { kind = CLIENT_SPANS.has(name) ? "client" : "internal", attributes = {} } = {}) {
      const context = contextOf(parent);
      // Only turns begin traces: polls, look-ups and what prepares a process would make traces of one span.
      if (!context && name !== SPANS.turn) return passThroughTracer.start(name, undefined);
      const span = tracer.startSpan(name, { kind: KINDS[kind], attributes }, context ?? ROOT_CONTEXT);
      return {
        traceparent: format(span.spanContext()),
        setAttributes: (more) => void span.setAttributes(more),
        link(traceparent) {
          const context = spanContextOf(traceparent);
          if (context) span.addLink({ context });
        },
        end(outcome = "ok") {
          if (outcome === "error") span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
  };
}

const KINDS: Readonly<Record<Kind, SpanKind>> = {
  internal: SpanKind.INTERNAL,
  client: SpanKind.CLIENT,
  server: SpanKind.SERVER,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

function format(context: SpanContext): string {
  const flags = context.traceFlags.toString(16).padStart(2, "0");
  return `00-${context.traceId}-${context.spanId}-${flags}`;
}

function contextOf(traceparent: string | undefined): Context | undefined {
  const spanContext = spanContextOf(traceparent);
  return spanContext && trace.setSpanContext(ROOT_CONTEXT, spanContext);
}

function spanContextOf(traceparent: string | undefined): SpanContext | undefined {
  const parts = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? "");
  if (!parts?.[1] || !parts[2] || !parts[3]) return undefined;
  const traceFlags = Number.parseInt(parts[3], 16) & TraceFlags.SAMPLED;
  return { traceId: parts[1], spanId: parts[2], traceFlags, isRemote: true };
}
