import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Logger, silentLogger } from "@forerun/runtime/logger";
import { createNoopMeter } from "@opentelemetry/api";
import { afterAll, describe, expect, it } from "vitest";
import { createPrior } from "../tier0/decision/prior.ts";
import type { Calibration } from "./calibration.ts";
import { calibrationFixture } from "./fixtures.ts";
import { openCalibration } from "./open-calibration.ts";

const prior = createPrior();
const folder = mkdtempSync(join(tmpdir(), "forerun-calibration-"));
afterAll(() => rmSync(folder, { recursive: true }));

const HEADS = { scope: { bias: 3 }, choice: { score: 2 } };

function open(change: Partial<Calibration>, embedder?: string) {
  const path = join(folder, "calibration.json");
  writeFileSync(path, JSON.stringify({ ...calibrationFixture(), heads: HEADS, ...change }));
  const warnings: { fields: object; message: string }[] = [];
  const log: Logger = {
    ...silentLogger,
    warn: (fields, message) => {
      warnings.push({ fields, message });
    },
  };
  const opened = openCalibration(path, prior, {
    log,
    meter: createNoopMeter(),
    random: () => 0.5,
    embedder,
  });
  return { ...opened, warnings };
}

describe("a calibration at start", () => {
  it("gives the ranking it was fitted to its heads, and leaves those of the other", () => {
    const words = open({});
    expect(words.prior.heads).toEqual({ words: HEADS, meaning: prior.heads.meaning });
    const meaning = open({ embedder: "topics" }, "topics");
    expect(meaning.prior.heads).toEqual({ words: prior.heads.words, meaning: HEADS });
    expect([words, meaning].map(({ lone, warnings }) => [lone?.active, warnings])).toEqual([
      [true, []],
      [true, []],
    ]);
  });

  it.each<[string, Partial<Calibration>, string | undefined, object]>([
    ["words, where meaning ranks", {}, "topics", { made_for: "words", now: "topics" }],
    ["meaning, where words rank", { embedder: "topics" }, undefined, { made_for: "topics", now: "words" }],
    ["another embedder", { embedder: "topics" }, "themes", { made_for: "topics", now: "themes" }],
    ["another tier 0", { policy_version: "tier0-0" }, undefined, { made_for: "tier0-0" }],
  ])("for %s is left unused, and the log says why", (_, change, embedder, fields) => {
    const { prior: used, lone, warnings } = open(change, embedder);
    expect(used).toBe(prior);
    expect(lone).toBeUndefined();
    expect(warnings).toMatchObject([{ fields, message: expect.stringContaining("eval calibrate") }]);
  });
});
