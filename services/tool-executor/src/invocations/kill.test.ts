import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningPostgres, startPostgres } from "@forerun/components/postgres";
import { silentLogger } from "@forerun/runtime/logger";
import { skipWithout } from "@forerun/testing/skip-without";
import { afterAll, beforeAll, expect, it } from "vitest";
import { KILL_POINTS, killAndRepeat } from "./fixtures/kill-run.ts";
import type { Invocations } from "./invocation.ts";
import { openInvocations } from "./open-invocations.ts";

skipWithout("postgres")("calls that change something, after kill -9 of their executor", () => {
  let folder: string;
  let server: RunningPostgres;
  let record: Invocations & AsyncDisposable;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "forerun-kill-"));
    server = await startPostgres();
    record = await openInvocations({ databaseUrl: server.url, dataDir: "" }, silentLogger);
  });
  afterAll(async () => {
    await record[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const kill = (prefix: string, calls: number, end: (typeof KILL_POINTS)[number] | number) =>
    killAndRepeat(
      { databaseUrl: server.url, file: join(folder, prefix), prefix, calls, seed: calls, end },
      record,
    );

  it.each(KILL_POINTS)(
    "may have happened, and are not repeated: %s",
    async (point) => {
      expect(await kill(point, 1, point)).toEqual({ ended: 0, unknown: 1, run: 0, faults: [] });
    },
    60_000,
  );

  // `npm run faults -- kill-writes` kills as often as it is told to.
  it("happen once at most, wherever each of seventy is", async () => {
    const { ended, unknown, run, faults } = await kill("many", 70, 35);
    expect(faults).toEqual([]);
    expect(ended + unknown + run).toBe(70);
    expect(unknown).toBeGreaterThan(0);
  }, 60_000);
});
