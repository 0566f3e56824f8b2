import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createPrior } from "../tier0/decision/prior.ts";
import { builtIns } from "../tier0/fixtures.ts";
import { topicEmbedder } from "../tier0/topic-embedder.fixture.ts";
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
  embedder: undefined,
  signal: new AbortController().signal,
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
    expect(calibration.arguments_error).toBeLessThan(0.2);
    expect(calibrationSchema.parse(JSON.parse(JSON.stringify(calibration)))).toEqual(calibration);
  });

  it("lets nothing be decided alone when the labels say that tier 0 is wrong", async () => {
    const wrong = sums.map((turn) => ({ ...turn, isRight: () => false }));
    const { skip } = await fitCalibration([...wrong, ...chats], options);
    expect(skip).toBeNull();
  });

  it("reads what is relative to the time of asking as it was meant then", async () => {
    const text = "what is the weather in Oslo tomorrow?";
    const expected = [{ name: "get_weather", arguments: { place: "Oslo", date: "2025-07-02" } }];
    const said = JSON.stringify({ text, expected, asked_at: "2025-07-01T09:00:00Z" });
    const asked = Array.from({ length: 200 }, () => parseLabelledLine(said, tools));
    const { skip } = await fitCalibration([...asked, ...chats], { ...options, promised: 0.8 });
    expect(skip?.precision).toBe(1);
  });

  it("says how tools were ranked, and holds the heads of that ranking", async () => {
    const { embedder } = topicEmbedder();
    const turns = [...sums.slice(0, 40), ...chats.slice(0, 20)];
    const byWords = await fitCalibration(turns, options);
    const byMeaning = await fitCalibration(turns, { ...options, embedder });
    expect([byWords.embedder, byMeaning.embedder]).toEqual([null, "topics"]);
    expect(byWords.heads.scope).not.toHaveProperty("meaning");
    expect(byMeaning.heads.scope).toHaveProperty("meaning");
    expect(byMeaning.skip?.lower_bound ?? 1).toBeGreaterThanOrEqual(0.95);
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
