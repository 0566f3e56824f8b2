import { describe, expect, it } from "vitest";
import { nearest } from "./nearest.ts";

const VERBS = ["start", "chat", "route", "ingest", "tool", "turn", "memory", "doctor", "config"];

describe("nearest", () => {
  it.each([
    ["chta", "chat"],
    ["strat", "start"],
    ["memroy", "memory"],
    ["DOCTOR", "doctor"],
    ["confg", "config"],
  ])("takes %s for %s", (word, meant) => {
    expect(nearest(word, VERBS)).toBe(meant);
  });

  it("finds nothing near a word that is far from all", () => {
    expect(nearest("kubernetes", VERBS)).toBeUndefined();
    expect(nearest("Mars", ["Madras"])).toBeUndefined();
  });

  it("prefers, at a tie, the word that begins with what was typed", () => {
    expect(nearest("of", ["on", "off"])).toBe("off");
  });

  it("finds nothing among nothing", () => {
    expect(nearest("chat", [])).toBeUndefined();
  });
});
