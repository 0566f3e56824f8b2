import { describe, expect, it } from "vitest";
import { splitClauses } from "./clauses.ts";

describe("the clauses of a message", () => {
  it.each([
    ["17% of 2400, and what time is it in Oslo?", ["17% of 2400", "what time is it in Oslo?"]],
    ["What is it? Tell me more.", ["What is it?", "Tell me more."]],
    ["the sum of 3 and 4", ["the sum of 3 and 4"]],
    ["the weather in Paris, France", ["the weather in Paris, France"]],
    ["call Dr. Who at 5 p.m. today", ["call Dr. Who at 5 p.m. today"]],
    [
      "convert 3 km to miles and show me the weather in Rome",
      ["convert 3 km to miles", "show me the weather in Rome"],
    ],
    ["say 'yes, and tell me' twice", ["say 'yes, and tell me' twice"]],
    ["first line\nsecond line", ["first line", "second line"]],
    ["...", []],
  ])("%s → %j", (text, expected) => {
    expect(splitClauses(text).map((clause) => clause.text)).toEqual(expected);
  });

  it("also end where a further value is joined on, when asked", () => {
    const clauses = splitClauses("the weather in Oslo and in Bergen", "joins").map((clause) => clause.text);
    expect(clauses).toEqual(["the weather in Oslo", "in Bergen"]);
  });
});
