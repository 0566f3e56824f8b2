import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KILL_POINTS, killAndCheck } from "./fixtures/kill-run.ts";

describe("the store after kill -9 in mid-turn", { timeout: 120_000 }, () => {
  let dataDir: string;

  beforeAll(() => {
    dataDir = mkdtempSync(join(tmpdir(), "forerun-kill-"));
  });
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  // `npm run faults -- kill-store` kills as often as it is told to.
  it.each(KILL_POINTS)("has every turn ended once and every conversation whole: %s", async (point) => {
    const { faults, last } = await killAndCheck(dataDir, point);
    expect(faults).toEqual([]);
    if (point !== "finishing") expect(last).toMatchObject({ state: "failed", errorCode: "unavailable" });
  });
});
