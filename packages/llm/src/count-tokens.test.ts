import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, it } from "vitest";
import { loadTokenCounter } from "./count-tokens.ts";

const count = await loadTokenCounter();

describe("counting tokens", () => {
  it.each([
    "",
    "Hello, world!",
    "Grüße aus Oslo 🙂, sagt er.",
    "The quick brown fox jumps over the lazy dog. ".repeat(40),
    JSON.stringify({ place: "Oslo", days: [1, 2, 3], nested: { deep: true } }, null, 2),
  ])("is exact for ordinary text: %j", (text) => {
    expect(count(text)).toBe(encode(text).length);
  });

  it("takes the names of special tokens for text", () => {
    expect(count("before <|endoftext|> after")).toBeGreaterThan(4);
  });

  it("stays within two percent where a long text has no spaces", () => {
    const text = "日本語のテキスト、".repeat(300);
    const exact = encode(text).length;
    expect(Math.abs(count(text) - exact) / exact).toBeLessThan(0.02);
  });

  it.each([
    ["letters", "a"],
    ["marks", "!"],
    ["ideographs", "本"],
    ["spaces", " "],
    ["line ends", "\n"],
  ])("takes time in proportion to the length, also for a run of %s", (_, character) => {
    // Read as one run, this much would take minutes.
    expect(count(character.repeat(300_000))).toBeGreaterThan(1_000);
  });
});
