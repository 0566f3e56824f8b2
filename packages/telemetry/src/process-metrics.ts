import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import type { Meter } from "@opentelemetry/api";
import { METRICS } from "./names.ts";

/** Milliseconds between two looks at the event loop. */
const RESOLUTION_MS = 20;
const NS_PER_S = 1e9;

/** How a process does: memory, CPU and event loop, under the names that Prometheus and OpenTelemetry's conventions give them. */
export function observeProcess(meter: Meter): Disposable {
  const gauge = (name: string, description: string, unit?: string) =>
    meter.createObservableGauge(name, { description, ...(unit && { unit }) });
  const startedAt = Date.now() / 1000 - process.uptime();
  gauge(METRICS.processStart, "When the process started, in seconds since 1970.", "s").addCallback((result) =>
    result.observe(startedAt),
  );
  gauge(METRICS.residentMemory, "Memory that the process holds.", "By").addCallback((result) =>
    result.observe(process.memoryUsage.rss()),
  );
  const cpu = { description: "CPU time that the process took, of user and system.", unit: "s" };
  meter.createObservableCounter(METRICS.processCpu, cpu).addCallback((result) => {
    const { user, system } = process.cpuUsage();
    result.observe((user + system) / 1e6);
  });
  return observeEventLoop(meter);
}

function observeEventLoop(meter: Meter): Disposable {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const describe = (share: string) => ({
    description: `Delay of the event loop since the last look, ${share}.`,
    unit: "s",
  });
  const p50 = meter.createObservableGauge(METRICS.eventLoopP50, describe("median"));
  const p99 = meter.createObservableGauge(METRICS.eventLoopP99, describe("99th percentile"));
  const busy = meter.createObservableGauge(METRICS.eventLoopUtilization, {
    description: "Share of the time since the last look that the event loop was busy.",
  });
  let before = performance.eventLoopUtilization();
  meter.addBatchObservableCallback(
    (result) => {
      // The sampling period itself is no delay.
      const over = (share: number) => Math.max(0, delay.percentile(share) / NS_PER_S - RESOLUTION_MS / 1000);
      result.observe(p50, over(50));
      result.observe(p99, over(99));
      delay.reset();
      const now = performance.eventLoopUtilization();
      result.observe(busy, performance.eventLoopUtilization(now, before).utilization);
      before = now;
    },
    [p50, p99, busy],
  );
  delay.enable();
  return { [Symbol.dispose]: () => void delay.disable() };
}
