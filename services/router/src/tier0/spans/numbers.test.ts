import { describe, expect, it } from "vitest";
import { tokenize } from "../text/tokens.ts";
import { findNumbers } from "./numbers.ts";
import { buildUnits } from "./units.ts";

const units = buildUnits();
const numbersOf = (text: string) => findNumbers(text, tokenize(text), units);

describe("numbers in a text", () => {
  it.each<[string, number[]]>([
    ["base 10 and height 5", [10, 5]],
    ["1,234,567.5 in all", [1234567.5]],
    ["at -3.5 degrees", [-3.5]],
    ["from -74.0060 to 40.7128", [-74.006, 40.7128]],
    [".5 of it", [0.5]],
    ["6.02e23 of them", [6.02e23]],
    ["8.854 x 10^-12 F/m", [8.854e-12]],
    ["twenty-five guests", [25]],
    ["two hundred fifty", [200, 50]],
    ["a dozen eggs", [12]],
    ["a hundred times", [100]],
    ["3 million people", [3e6]],
    ["$5m raised", [5e6]],
    ["a 5m rope", [5]],
    ["50k views", [50000]],
    ["at 298K", [298]],
    ["the 16th century", [16]],
    ["third floor", [3]],
    ["in an hour", [1]],
    ["flows of [200,300,400]", [200, 300, 400]],
    ["33.4484 N, 112.0740 W", [33.4484, -112.074]],
    ["at 34° S", [-34]],
    ["a 60 W bulb", [60]],
    ["nothing here", []],
    ["rs6034464 is a code", []],
  ])("%s → %j", (text, values) => {
    expect(numbersOf(text).map((span) => span.value)).toEqual(values);
  });

  it.each([
    ["70kg", "kilogram"],
    ["5 miles", "mile"],
    ["20%", "percent"],
    ["15 percent", "percent"],
    ["$400", "dollar"],
    ["€12", "euro"],
    ["4 light years", "light-year"],
    ["3 nights", "day"],
    ["90 km/h", "kph"],
  ])("%s is measured in %s", (text, unit) => {
    expect(numbersOf(text)[0]?.unit?.name).toBe(unit);
  });

  it("marks years, parts of longer things, and what is taken away", () => {
    expect(numbersOf("in 1998")[0]).toMatchObject({ yearLike: true });
    expect(numbersOf("2022/08/16").every((span) => span.embedded)).toBe(true);
    expect(numbersOf("90 days ago")[0]).toMatchObject({ takesAway: true });
    expect(numbersOf("90 days from now")[0]).toMatchObject({ takesAway: false });
  });

  it("gives the place of each number in the text", () => {
    const text = "between 10 and twenty";
    expect(numbersOf(text).map(({ start, end }) => text.slice(start, end))).toEqual(["10", "twenty"]);
  });
});
