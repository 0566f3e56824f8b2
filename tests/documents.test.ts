/** The project's own documents, ingested and asked about. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { ROOT, type RunningForerun, runForerun, startForerun } from "./support/forerun-process.ts";
import { scenario } from "./support/scenario.ts";

let forerun: RunningForerun;

beforeAll(async () => {
  forerun = await startForerun();
});

afterAll(async () => {
  await forerun[Symbol.asyncDispose]();
});

describe("documents", () => {
  scenario("docs.cited", async () => {
    const env = { FORERUN_URL: forerun.ready.http };
    const ingest = await runForerun(["ingest", "docs", "-o", "json"], env);
    expect(ingest.code).toBe(0);
    const report = JSON.parse(ingest.stdout) as { documents: number; chunks: number; skipped: unknown[] };
    expect(report.documents).toBeGreaterThan(5);
    expect(report.chunks).toBeGreaterThanOrEqual(report.documents);
    const question = "What happens to a conversation's running turn when the process is killed?";
    const chat = await runForerun(["chat", question, "-o", "json"], env);
    expect(chat.code).toBe(0);
    const turn = JSON.parse(chat.stdout) as {
      state: string;
      citations: { uri: string; start: number; end: number; quote: string }[];
    };
    expect(turn.state).toBe("TURN_STATE_COMPLETED");
    expect(turn.citations.length).toBeGreaterThan(0);
    for (const { uri, start, end, quote } of turn.citations) {
      const path = uri.startsWith("file://") ? new URL(uri).pathname : join(ROOT, uri);
      const text = await readFile(path, "utf8");
      expect(text.slice(start, end)).toBe(quote);
    }
  });
});
