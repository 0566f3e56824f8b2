import { describe, expect, test } from "vitest";
import { CurrencyNames } from "./currency-names.ts";

const currencies = new CurrencyNames();

describe("a currency is found by", () => {
  test.each([
    ["its code", "NOK", "NOK"],
    ["its code in any case", " eur ", "EUR"],
    ["its name", "Norwegian Krone", "NOK"],
    ["the plural of its name", "swedish  kronor", "SEK"],
    ["the last word of its name when no other ends so", "yen", "JPY"],
    ["the plural of that", "euros", "EUR"],
    ["its sign", "€", "EUR"],
    ["its sign with the country's letters", "CA$", "CAD"],
    ["the bare word of the most traded one", "dollars", "USD"],
    ["the bare sign of the most traded one", "$", "USD"],
    ["a word of the street", "quid", "GBP"],
  ])("%s: %s", (_way, text, code) => {
    expect(currencies.find(text)).toEqual({ kind: "found", code });
  });
});

describe("a currency is not guessed", () => {
  test("a word that several share names them", () => {
    expect(currencies.find("kroner")).toEqual({ kind: "none", near: ["DKK", "NOK"] });
  });

  test("a slip of the pen gives the nearest name", () => {
    expect(currencies.find("norwegian krona")).toEqual({ kind: "none", near: ["Norwegian Krone"] });
    expect(currencies.find("eurp")).toEqual({ kind: "none", near: ["Euro"] });
  });

  test.each(["", "miles", "constructor", "__proto__", "XQQ9"])("%j is none", (text) => {
    expect(currencies.find(text).kind).toBe("none");
  });
});
