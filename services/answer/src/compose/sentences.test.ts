import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sentencesOf } from "./sentences.ts";

const read = (text: string) => sentencesOf(text).map(({ start, end }) => text.slice(start, end));

describe("sentences of a text", () => {
  it.each<[string, string, string[]]>([
    ["plain prose", "One is here. Two is there!  Three?", ["One is here.", "Two is there!", "Three?"]],
    ["lines that were wrapped", "This goes\non here. And\nhere.", ["This goes\non here.", "And\nhere."]],
    ["paragraphs without a full stop", "First part\n\nSecond part", ["First part", "Second part"]],
    ["list items, without their marks", "- one\n- two\n1. three\n2) four", ["one", "two", "three", "four"]],
    ["what follows a heading", "# Title\n\nBody text.", ["Body text."]],
    ["neither fences nor tables nor rules", "```\ncode\n```\n\n| a | b |\n\n---\n\nText.", ["Text."]],
    ["quotes", "> Said so.", ["Said so."]],
    [
      "text that opens in bold",
      "**Cause.** It broke. __Fix.__ Mend it.",
      ["**Cause.**", "It broke.", "__Fix.__", "Mend it."],
    ],
    ["nothing", " \n\n ", []],
    ["other scripts", "今日は晴れ。明日は雨。", ["今日は晴れ。", "明日は雨。"]],
  ])("are found in %s", (_, text, sentences) => {
    expect(read(text)).toEqual(sentences);
  });

  it("lie in order, apart, and inside any text", () => {
    const line = fc.string({ unit: "grapheme", maxLength: 20 });
    const text = fc.array(fc.oneof(line, fc.constantFrom("\n", "\n\n", "- ", "1. ", "# ", ". ")), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(text, (parts) => {
        const whole = parts.join("");
        let last = 0;
        for (const { start, end } of sentencesOf(whole)) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeLessThanOrEqual(whole.length);
          expect(end).toBeGreaterThanOrEqual(start);
          last = end;
        }
      }),
      { numRuns: 300 },
    );
  });
});
