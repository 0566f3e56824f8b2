import { loadTokenCounter } from "@forerun/llm/count-tokens";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shortened, waterLevel } from "./shorten.ts";

const count = await loadTokenCounter();

describe("a shortened text", () => {
  it("never costs more than it may, and is whole where it fits", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 600 }),
        fc.integer({ min: 0, max: 200 }),
        (text, tokens) => {
          const short = shortened(text, tokens, count);
          expect(count(short)).toBeLessThanOrEqual(tokens);
          if (count(text) <= tokens) expect(short).toBe(text);
          expect(short.isWellFormed()).toBe(true);
        },
      ),
    );
  });

  it("keeps beginning and end and says how much is missing between them", () => {
    const text = Array.from({ length: 1_000 }, (_, at) => `word${at}`).join(" ");
    const short = shortened(text, 100, count);
    expect(short.startsWith("word0 word1 ")).toBe(true);
    expect(short.endsWith("word999")).toBe(true);
    expect(short).toMatch(/\n\[\d+ characters left out\]\n/);
    expect(count(short)).toBeGreaterThan(80);
  });
});

describe("the level to which items are cut", () => {
  it.each<[string, number[], number, number]>([
    ["is no limit when all fit", [1, 2, 3], 6, Number.POSITIVE_INFINITY],
    ["spares the short ones", [10, 2, 100], 32, 20],
    ["is the same for all when all are long", [50, 50], 20, 10],
    ["is nothing without room", [5], -3, 0],
  ])("%s", (_, sizes, room, level) => {
    expect(waterLevel(sizes, room)).toBe(level);
  });
});
