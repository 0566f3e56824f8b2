/** What operators see of a turn: metrics on their own port, and one line in the log. */
import { METRICS } from "@forerun/telemetry/names";
import { describe, expect } from "vitest";
import { type RunningForerun, startForerun } from "./support/forerun-process.ts";
import { scenario } from "./support/scenario.ts";
import { until } from "./support/until.ts";

async function ask(forerun: RunningForerun, text: string): Promise<{ turn_id: string; trace_id: string }> {
  const response = await fetch(`${forerun.ready.http}/chat`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ text }),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as { turn_id: string; trace_id: string };
}

describe("signals", () => {
  scenario("signals.metrics", async () => {
    await using forerun = await startForerun();
    await ask(forerun, "17% of 240024002400");
    const metrics = await (await fetch(forerun.ready.metrics)).text();
    expect(metrics).toMatch(/^forerun_turns_total\{.*state="completed".*\} 1$/m);
    expect(metrics).toMatch(/^forerun_tool_calls_total\{.*tool="calculator".*outcome="committed".*\} 1$/m);
    for (const name of [
      "forerun_turn_duration_seconds_bucket",
      "forerun_first_token_seconds_bucket",
      "forerun_tool_duration_seconds_bucket",
      "forerun_turns_in_flight",
      "forerun_rpc_duration_seconds_bucket",
    ]) {
      expect(metrics).toContain(name);
    }
    const emitted = [...metrics.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    const known: readonly string[] = Object.values(METRICS);
    expect(emitted.filter((name) => name !== "target_info" && !known.includes(name ?? ""))).toEqual([]);
    expect(metrics).not.toMatch(/tenant|subject|user=/);
    expect(metrics).not.toContain("240024002400");
  });

  scenario("signals.log", async () => {
    await using forerun = await startForerun({ LOG_LEVEL: "info" });
    const { turn_id } = await ask(forerun, "17% of 240024002400");
    await until(() => forerun.stderr().includes('"msg":"turn"'), "the turn's line");
    const lines = forerun
      .stderr()
      .split("\n")
      .filter((line) => line.includes('"msg":"turn"'));
    expect(lines).toHaveLength(1);
    const line = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
    expect(line).toMatchObject({ service: "chat", turn_id, state: "completed", model_calls: 0 });
    expect(line.tenant).toMatch(/^[0-9a-f]{16}$/);
    expect(line.user).toMatch(/^[0-9a-f]{16}$/);
    expect(line.tools).toMatchObject([{ tool: "calculator", outcome: "committed" }]);
  });
});
