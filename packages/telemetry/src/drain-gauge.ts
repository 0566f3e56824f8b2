import type { Meter } from "@opentelemetry/api";
import { METRICS } from "./names.ts";

/** Shows 0 until it is called: from then on the process takes nothing new, and 1. */
export function drainGauge(meter: Meter): () => void {
  let draining = 0;
  const description = "1 while the process takes nothing new and finishes what runs.";
  meter.createObservableGauge(METRICS.draining, { description }).addCallback((result) => {
    result.observe(draining);
  });
  return () => {
    draining = 1;
  };
}
