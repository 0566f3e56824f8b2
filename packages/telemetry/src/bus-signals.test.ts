import { expect, it } from "vitest";
import { busSignals } from "./bus-signals.ts";
import { createMetrics, serveMetrics } from "./metrics.ts";
import { passThroughTracer, type Tracer } from "./tracing.ts";

it("a call's way over the bus lasts until its taker is heard, or until nobody waits for it, which is no error", async () => {
  await using metrics = createMetrics("chat");
  await using server = await serveMetrics(metrics, "127.0.0.1", 0);
  const ends: string[] = [];
  const tracer: Tracer = {
    start: (name, parent) => ({
      ...passThroughTracer.start(name, parent),
      end: (outcome = "ok") => void ends.push(`${name} ${outcome}`),
    }),
  };
  const signals = busSignals({ system: "nats", tracer, meter: metrics.meter });
  const heard = signals.published("00-trace");
  expect(heard.traceparent).toBe("00-trace");
  heard.heard();
  heard.heard();
  heard.end();
  signals.published("00-trace").end();
  expect(ends).toEqual(["publish tool.call ok", "publish tool.call ok"]);
  expect(await (await fetch(server.url)).text()).toContain("forerun_bus_lag_seconds_count 1\n");
});
