import type { BusEvent, BusObserver } from "@forerun/bus/bus-event";
import { kindOf, type SubjectKind } from "@forerun/bus/subjects";
import type { Logger } from "@forerun/runtime/logger";
import { METRICS } from "@forerun/telemetry/names";
import type { Meter } from "@opentelemetry/api";

/** Milliseconds between two lines about messages that got lost: there may be thousands a second. */
const LINE_EVERY_MS = 10_000;

/** Who would have read a message, as the metric names them. */
const READERS: Readonly<Record<SubjectKind, string>> = {
  tool: "calls",
  cancel: "cancels",
  commit: "commits",
  inbox: "answers",
  live: "live",
  owner: "owner",
  other: "other",
};

/** Tells log and metrics whether the broker is there, and what gets lost. */
export function busObserver(log: Logger, meter: Meter): BusObserver {
  const up = meter.createGauge(METRICS.busUp, { description: "1 while NATS is connected, else 0." });
  const dropped = meter.createCounter(METRICS.busDropped, {
    description: "Messages that got lost here, by who would have read them and why.",
  });
  let lost = 0;
  let toldAt = -Infinity;
  const drop = (event: Extract<BusEvent, { kind: "dropped" }>) => {
    dropped.add(1, { reader: READERS[kindOf(event.on)], reason: event.reason });
    lost += 1;
    if (performance.now() - toldAt < LINE_EVERY_MS) return;
    log.warn({ lost, last: event.reason, on: kindOf(event.on) }, "messages of the bus got lost");
    toldAt = performance.now();
    lost = 0;
  };
  return (event) => {
    switch (event.kind) {
      case "connected":
        up.record(1);
        log.info({}, "NATS is connected");
        break;
      case "disconnected":
        up.record(0);
        log.warn({ why: event.why }, "NATS is away: tools are called over gRPC until it is back");
        break;
      case "dropped":
        drop(event);
        break;
      case "refused":
        log.error(
          { operation: event.operation, on: kindOf(event.subject) },
          "NATS does not allow this process what it needs",
        );
        break;
      default:
        event satisfies never;
    }
  };
}
