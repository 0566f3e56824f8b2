/** `forerun load` against a real server. */
import { describe, expect } from "vitest";
import { runForerun, startForerun } from "./support/forerun-process.ts";
import { scenario } from "./support/scenario.ts";

describe("forerun load", () => {
  scenario(
    "load.measures",
    async () => {
      await using server = await startForerun();
      const env = { FORERUN_URL: server.ready.http };
      const closed = await runForerun(["load", "--turns", "12", "--concurrency", "3", "-o", "json"], env);
      expect(closed.code).toBe(0);
      const report = JSON.parse(closed.stdout);
      expect(report).toMatchObject({ turns: 12, completed: 12, failed: {}, refused: {} });
      expect(report.first_text_ms.p50).toBeGreaterThan(0);
      expect(report.turn_ms.p99).toBeGreaterThanOrEqual(report.first_text_ms.p50);
      const open = await runForerun(["load", "--rate", "50", "--turns", "10"], env);
      expect(open.code).toBe(0);
      expect(open.stdout).toContain("completed    10");
    },
    120_000,
  );
});
