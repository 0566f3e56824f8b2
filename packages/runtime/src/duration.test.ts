import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDuration, parseDuration, suggestDuration } from "./duration.ts";

describe("durations", () => {
  it.each([
    ["800ms", 800],
    ["10s", 10_000],
    ["1.5m", 90_000],
    ["24h", 86_400_000],
    ["7d", 604_800_000],
    ["0s", 0],
  ])("reads %s as %d ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(["", "10", "s", "-1s", "1 s", "8OOms", "1e3ms", "10S"])("takes %j for no duration", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it.each([
    ["8OOms", "800ms"],
    ["1O s", "10s"],
    ["5 minutes", "5m"],
    ["l0s", "10s"],
    ["30", "30s"],
    ["2HOURS", "2h"],
  ])("guesses that %j means %s", (text, meant) => {
    expect(suggestDuration(text)).toBe(meant);
  });

  it.each(["soon", "", "ms", "3 fortnights"])("guesses nothing for %j", (text) => {
    expect(suggestDuration(text)).toBeUndefined();
  });

  it("reads back what it prints", () => {
    fc.assert(
      fc.property(fc.nat(2_000_000_000), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });
});
