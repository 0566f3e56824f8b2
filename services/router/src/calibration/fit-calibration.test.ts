import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createPrior } from "../tier0/decision/prior.ts";
import { builtIns } from "../tier0/fixtures.ts";
import { calibrationSchema } from "./calibration.ts";
import { fitCalibration } from "./fit-calibration.ts";
import { calibrationFixture } from "./fixtures.ts";
import { parseLabelledLine } from "./parse-labelled-line.ts";
import { readCalibration } from "./read-calibration.ts";

const tools = builtIns.map((tool) => ({ ...tool, trusted: true }));
const line = (text: string, expected: object[]) =>
  parseLabelledLine(JSON.stringify({ text, expected }), tools);

const sums = Array.from({ length: 160 }, (_, at) =>
  line(`what is ${at + 2} times ${at + 13}?`, [
    { name: "calculator", arguments: { expression: `${at + 2} * ${at + 13}` } },
  ]),
);
const NOUNS = "poem story song joke speech toast riddle limerick".split(" ");
const THEMES = "autumn rivers my sister old ships a teacher the moon".split(" ");
const chats = NOUNS.flatMap((noun) => THEMES.map((theme) => line(`write me a ${noun} about ${theme}`, [])));

const options = {
  prior: createPrior(),
  tools,
  clock: { now: new Date("2026-03-01T12:00:00Z"), timeZone: "UTC" },
  outOfScopeShare: 0.3,
  promised: 0.95,
};

describe("a calibration", () => {
  it("finds where tier 0 is right as often as promised, and is what the router reads", async () => {
    const calibration = await fitCalibration([...sums, ...chats], options);
    expect(calibration.turns).toEqual({
      in_scope: sums.length,
      out_of_scope: chats.length,
      by_tool: { calculator: sums.length },
    });
    expect(calibration.skip?.lower_bound).toBeGreaterThanOrEqual(0.95);
    expect(calibration.skip?.coverage).toBeGreaterThan(0.5);
    expect(calibrationSchema.parse(JSON.parse(JSON.stringify(calibration)))).toEqual(calibration);
  });

  it("lets nothing be decided alone when the labels say that tier 0 is wrong", async () => {
    const wrong = sums.map((turn) => ({ ...turn, isRight: () => false }));
    const { skip } = await fitCalibration([...wrong, ...chats], options);
    expect(skip).toBeNull();
  });

  it("cannot be made for turns of a kind that nobody labelled", async () => {
    await expect(fitCalibration(sums, options)).rejects.toThrow(RangeError);
  });
});

describe("a labelled line", () => {
  const made = (args: object) => [{ name: "search_knowledge", arguments: { ...args } }];
  const expected = [{ name: "search_knowledge", arguments: { query: "refunds" } }];

  it("takes a default that was filled in as one left out", () => {
    const turn = line("refunds?", expected);
    expect(turn.isRight(made({ query: "refunds", k: 5 }))).toBe(true);
    expect(turn.isRight(made({ query: "refunds", k: 6 }))).toBe(false);
    expect(turn.isRight([])).toBe(false);
  });

  it("takes any arguments where it names none", () => {
    expect(line("refunds?", [{ name: "search_knowledge" }]).isRight(made({ query: "x" }))).toBe(true);
  });

  it.each([
    ['{"text":"a"}', "expected"],
    ['{"text":"","expected":[]}', "text"],
    ['{"text":"a","expected":[],"tool":"x"}', "tool"],
    ["{", "JSON"],
  ])("%s is refused", (text, word) => {
    expect(() => parseLabelledLine(text, tools)).toThrow(word);
  });
});

describe("a calibration file", () => {
  const folder = mkdtempSync(join(tmpdir(), "forerun-calibration-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (text: string): string => {
    const path = join(folder, "calibration.json");
    writeFileSync(path, text);
    return path;
  };

  it("that is not there changes nothing", () => {
    expect(readCalibration(join(folder, "none.json"))).toBeUndefined();
  });

  it("is read as it was written", () => {
    expect(readCalibration(file(JSON.stringify(calibrationFixture())))).toEqual(calibrationFixture());
  });

  it.each([
    ["{", "JSON"],
    ["{}", "version"],
    [JSON.stringify({ ...calibrationFixture(), version: 2 }), "version"],
    [JSON.stringify({ ...calibrationFixture(), out_of_scope_share: 3 }), "out_of_scope_share"],
  ])("that holds %s is refused with its place and a fix", (text, word) => {
    const path = file(text);
    expect(() => readCalibration(path)).toThrow(
      expect.objectContaining({
        code: "FR-E1903",
        message: expect.stringContaining(word),
        fix: expect.stringContaining("eval calibrate"),
      }),
    );
  });
});
