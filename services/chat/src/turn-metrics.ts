import { DURATION_BUCKETS, METRICS } from "@forerun/telemetry/names";
import type { Meter } from "@opentelemetry/api";
import type { ToolCallRecord } from "./turn.ts";
import type { TurnObserver } from "./turns.ts";

const BUCKETS = { advice: { explicitBucketBoundaries: DURATION_BUCKETS }, unit: "s" };

/** Counts turns, tools and tokens. No label names a tenant or a user. */
export function turnMetrics(meter: Meter): TurnObserver {
  const turns = meter.createCounter(METRICS.turns, { description: "Turns by the state they ended in." });
  const duration = meter.createHistogram(METRICS.turnDuration, {
    ...BUCKETS,
    description: "Accepted to ended.",
  });
  const firstToken = meter.createHistogram(METRICS.firstToken, {
    ...BUCKETS,
    description: "Accepted to first text.",
  });
  const inFlight = meter.createUpDownCounter(METRICS.turnsInFlight, { description: "Turns that run now." });
  const toolCalls = meter.createCounter(METRICS.toolCalls, { description: "Tool calls by how they ended." });
  const toolDuration = meter.createHistogram(METRICS.toolDuration, {
    ...BUCKETS,
    description: "Start to end of a call.",
  });
  const early = earlyCallMetrics(meter);
  return {
    started: () => inFlight.add(1),
    ended(turn, { ms, firstTextMs }) {
      inFlight.add(-1);
      duration.record(ms / 1000);
      if (firstTextMs !== undefined) firstToken.record(firstTextMs / 1000);
      turns.add(1, { state: turn?.state ?? "fenced" });
      for (const record of turn?.toolCalls ?? []) {
        const { call, outcome, startMs, endMs } = record;
        if (record.early) early(record);
        toolCalls.add(1, { tool: call.name, outcome });
        if (outcome !== "denied") toolDuration.record((endMs - startMs) / 1000, { tool: call.name });
      }
    },
  };
}

/** The ledger of early calls: how each ended, what it hid and what it threw away. */
function earlyCallMetrics(meter: Meter): (record: ToolCallRecord) => void {
  const calls = meter.createCounter(METRICS.speculations, { description: "Early calls by how they ended." });
  const saved = meter.createCounter(METRICS.speculationSaved, {
    unit: "s",
    description: "Tool time hidden behind decisions (estimate).",
  });
  const wasted = meter.createCounter(METRICS.speculationWasted, {
    unit: "s",
    description: "Tool time thrown away.",
  });
  return ({ outcome, savedMs, wastedMs }) => {
    calls.add(1, { outcome });
    saved.add(savedMs / 1000);
    wasted.add(wastedMs / 1000);
  };
}
