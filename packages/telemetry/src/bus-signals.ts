import { createNoopMeter, type Meter } from "@opentelemetry/api";
import { DURATION_BUCKETS, MESSAGING, METRICS } from "./names.ts";
import { passThroughTracer, type Span, type Tracer } from "./tracing.ts";

/** A call on its way over the bus. `heard` is called at the first sign of whoever took it, `end` when nobody waits any more. */
export type Publication = Readonly<{ traceparent: string | undefined; heard(): void; end(): void }>;

/** What is told of calls that travel over a bus: by those who publish and by those who take them. */
export type BusSignals = Readonly<{
  published(parent: string | undefined): Publication;
  /** The span under which a call is run that came with `parent`. */
  received(parent: string | undefined): Span;
  /** A call came to nothing on the bus, and is made over gRPC. */
  fellBack(reason: string): void;
}>;

type BusSignalsOptions = Readonly<{
  /** "nats", or "in_process". */
  system: string;
  tracer: Tracer;
  meter: Meter;
}>;

const DESTINATION = "fr.{env}.{lane}.tool.{tool}.call";

export function busSignals({ system, tracer, meter }: BusSignalsOptions): BusSignals {
  const lag = meter.createHistogram(METRICS.busLag, {
    description: "From the publishing of a call to the first sign of whoever took it.",
    unit: "s",
    advice: { explicitBucketBoundaries: DURATION_BUCKETS },
  });
  const fallbacks = meter.createCounter(METRICS.busFallbacks, {
    description: "Calls of tools that came to nothing on the bus and were made over gRPC, by reason.",
  });
  const attributes = (operation: string) => ({
    [MESSAGING.system]: system,
    [MESSAGING.operation]: operation,
    [MESSAGING.destination]: DESTINATION,
  });
  return {
    published(parent) {
      const span = tracer.start("publish tool.call", parent, {
        kind: "producer",
        attributes: attributes("send"),
      });
      const since = performance.now();
      let over = false;
      const end = () => {
        if (!over) span.end();
        over = true;
      };
      return {
        traceparent: span.traceparent,
        heard() {
          if (!over) lag.record((performance.now() - since) / 1000);
          end();
        },
        end,
      };
    },
    fellBack: (reason) => fallbacks.add(1, { reason }),
    received(parent) {
      return tracer.start("process tool.call", parent, {
        kind: "consumer",
        attributes: attributes("process"),
      });
    },
  };
}

/** Tells nothing and hands traces on. */
export const silentBusSignals = busSignals({
  system: "in_process",
  tracer: passThroughTracer,
  meter: createNoopMeter(),
});
