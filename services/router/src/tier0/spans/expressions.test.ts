import { describe, expect, it } from "vitest";
import { tokenize } from "../text/tokens.ts";
import { findExpressions, readsAsExpression } from "./expressions.ts";
import { findNumbers } from "./numbers.ts";
import { buildUnits } from "./units.ts";

const units = buildUnits();

describe("arithmetic in a text", () => {
  it.each([
    ["17% of 2400", ["17% of 2400"]],
    ["what is 17% of 2400, and what time is it in Oslo?", ["17% of 2400"]],
    ["20% off 85", ["20% off 85"]],
    ["15 percent of 80", ["15% of 80"]],
    ["what's 12 times 8?", ["12 * 8"]],
    ["250 divided by 4", ["250 / 4"]],
    ["square root of 144", ["sqrt(144)"]],
    ["(3 + 4) * 12", ["(3 + 4) * 12"]],
    ["2 to the power of 10", ["2^10"]],
    ["3 squared plus 4 squared", ["3^2 + 4^2"]],
    ["5 - -3", ["5 - -3"]],
    ["1299/12", ["1299 / 12"]],
    ["2x^2 + 3x - 1 at x = 4", ["2x^2 + 3x - 1"]],
    ["1,200 + 34", ["1200 + 34"]],
    ["12 ÷ 4 × 2", ["12 / 4 * 2"]],
    ["19 % von 250", ["19% of 250"]],
    ["15% de 320", ["15% of 320"]],
    ["up 15% by 2030", []],
    ["5% or 7", []],
    ["two plus two", ["2 + 2"]],
    ["twenty-five times four", ["25 * 4"]],
    ["subtract 19 from 60", ["60 - 19"]],
    ["the years 2022-2023", []],
    ["on 2022/08/16", []],
    ["five apples", []],
    ["a - b", []],
  ])("%s → %j", (text, expected) => {
    const numbers = findNumbers(text, tokenize(text), units);
    expect(findExpressions(text, numbers).map((span) => span.value)).toEqual(expected);
  });
});

describe("words that read as a sum", () => {
  it.each(["factorial of 5", "two squared", "half of 50", "the sum of 3 and 4", "x squared"])(
    "%s does",
    (text) => {
      expect(readsAsExpression(text)).toBe(true);
    },
  );

  it.each(["it for me", "the total", "7 apples", "my 401k plan", ""])("%s does not", (text) => {
    expect(readsAsExpression(text)).toBe(false);
  });
});
