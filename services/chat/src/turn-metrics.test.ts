import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { createMetrics, serveMetrics } from "@forerun/telemetry/metrics";
import { describe, expect, it } from "vitest";
import { openRecord } from "./call-record.ts";
import { acceptedTurn } from "./fold-turn.ts";
import { NO_USAGE, type ToolCallRecord, type Turn } from "./turn.ts";
import { turnMetrics } from "./turn-metrics.ts";

const PLACE = { turnId: "t1", conversationId: "k1", createTime: new Date(0), epoch: 1, traceId: "" };

function record(name: string, rest: Partial<ToolCallRecord>): ToolCallRecord {
  const call = { callId: name, name, arguments: {}, dependsOn: [], toolHash: "" };
  return { ...openRecord(call, 100), outcome: "committed", endMs: 350, ...rest };
}

/** What Prometheus reads after these turns have ended. */
async function read(turns: (Partial<Turn> | undefined)[]): Promise<string> {
  await using metrics = createMetrics("chat");
  await using server = await serveMetrics(metrics, "127.0.0.1", 0);
  const observer = turnMetrics(metrics.meter);
  for (const turn of turns) {
    observer.started();
    const ended = turn && { ...acceptedTurn(PLACE), state: "completed" as const, ...turn };
    observer.ended(ended, { ms: 500, firstTextMs: 200 }, LOCAL_CALLER);
  }
  return (await fetch(server.url)).text();
}

describe("the metrics of turns", () => {
  it("name a tool once a call of it has run, and others together", async () => {
    const made = (name: string) =>
      record(name, { outcome: "failed", errorCode: "unknown_tool", errorMessage: "no such tool" });
    const text = await read([
      { toolCalls: [record("get_weather", {}), made("invented_1"), made("invented_2")] },
      { toolCalls: [record("get_weather", { outcome: "denied", errorCode: "limit" })] },
    ]);
    expect(text).toContain('forerun_tool_calls_total{tool="get_weather",outcome="committed"} 1');
    expect(text).toContain('forerun_tool_calls_total{tool="other",outcome="failed"} 2');
    expect(text).toContain('forerun_tool_errors_total{tool="other",code="unknown_tool"} 2');
    expect(text).toContain('forerun_tool_errors_total{tool="get_weather",code="limit"} 1');
    expect(text).not.toContain("invented");
  });

  it("tell at most two hundred tools apart", async () => {
    const toolCalls = Array.from({ length: 230 }, (_, at) => record(`tool_${at}`, {}));
    const text = await read([{ toolCalls }]);
    expect(text.match(/^forerun_tool_calls_total\{/gm)).toHaveLength(201);
    expect(text).toContain('forerun_tool_calls_total{tool="other",outcome="committed"} 30');
  });

  it("keep the ledger of early calls and of answers thrown away", async () => {
    const text = await read([
      {
        toolCalls: [
          record("a", { early: true, outcome: "hit", savedMs: 250 }),
          record("b", { early: true, outcome: "miss", wastedMs: 1_500 }),
        ],
        usage: { ...NO_USAGE, discardedModelCalls: 1 },
      },
      undefined,
    ]);
    expect(text).toContain('forerun_speculations_total{outcome="hit"} 1');
    expect(text).toContain("forerun_speculation_saved_seconds_total 0.25");
    expect(text).toContain("forerun_speculation_wasted_seconds_total 1.5");
    expect(text).toContain("forerun_discarded_model_calls_total 1");
    expect(text).toContain('forerun_turns_total{state="fenced"} 1');
    expect(text).toContain("forerun_turns_in_flight 0");
  });

  it("stand beside how the process does", async () => {
    const text = await read([]);
    expect(text).toMatch(/^process_resident_memory_bytes \d{6,}$/m);
    expect(text).toMatch(/^process_cpu_seconds_total \d/m);
    expect(text).toMatch(/^nodejs_eventloop_delay_p99_seconds \d/m);
    expect(text).toMatch(/^nodejs_eventloop_utilization_ratio (0|1|0\.\d+)$/m);
  });
});
