import { describe, expect, it } from "vitest";
import { findExpressions } from "./expressions.ts";

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
    ["subtract 19 from 60", ["60 - 19"]],
    ["the years 2022-2023", []],
    ["on 2022/08/16", []],
    ["five apples", []],
    ["a - b", []],
  ])("%s → %j", (text, expected) => {
    expect(findExpressions(text).map((span) => span.value)).toEqual(expected);
  });
});
