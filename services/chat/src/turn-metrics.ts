import { BoundedLabel } from "@forerun/telemetry/bounded-label";
import { DURATION_BUCKETS, METRICS } from "@forerun/telemetry/names";
import type { Meter } from "@opentelemetry/api";
import type { GapCause } from "./store/log-gap.ts";
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
  const discarded = meter.createCounter(METRICS.discardedModelCalls, {
    description: "Answers that were begun early and thrown away.",
  });
  const tool = toolMetrics(meter);
  const early = earlyCallMetrics(meter);
  return {
    started: () => inFlight.add(1),
    ended(turn, { ms, firstTextMs }) {
      inFlight.add(-1);
      duration.record(ms / 1000);
      if (firstTextMs !== undefined) firstToken.record(firstTextMs / 1000);
      turns.add(1, { state: turn?.state ?? "fenced" });
      if (turn) discarded.add(turn.usage.discardedModelCalls);
      for (const record of turn?.toolCalls ?? []) {
        if (record.early) early(record);
        tool(record);
      }
    },
  };
}

/** Tools whose names are told: more than any server has, and few enough for Prometheus. */
const MOST_TOOLS = 200;

/** Outcomes of calls that no tool need have taken. */
const UNPROVEN: ReadonlySet<ToolCallRecord["outcome"]> = new Set(["denied", "cancelled"]);

/** A model may ask for tools that do not exist: a name is told once a call of it has run here. */
function toolMetrics(meter: Meter): (record: ToolCallRecord) => void {
  const names = new BoundedLabel(MOST_TOOLS);
  const calls = meter.createCounter(METRICS.toolCalls, { description: "Tool calls by how they ended." });
  const errors = meter.createCounter(METRICS.toolErrors, {
    description: "Tool calls that failed or were denied, by cause.",
  });
  const duration = meter.createHistogram(METRICS.toolDuration, {
    ...BUCKETS,
    description: "Start to end of a call.",
  });
  return ({ call, outcome, errorCode, startMs, endMs }) => {
    if (!UNPROVEN.has(outcome) && errorCode !== "unknown_tool") names.admit(call.name);
    const tool = names.of(call.name);
    calls.add(1, { tool, outcome });
    if (errorCode) errors.add(1, { tool, code: errorCode });
    if (outcome !== "denied") duration.record((endMs - startMs) / 1000, { tool });
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

/** Counts the gaps that somebody met in the events of turns. */
export function gapMetric(meter: Meter): (cause: GapCause) => void {
  const gaps = meter.createCounter(METRICS.turnLogGaps, {
    description: "Times that events of a turn were missing to somebody, by cause: expired or unreadable.",
  });
  return (cause) => gaps.add(1, { cause });
}
