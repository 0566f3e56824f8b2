import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPrior } from "../decision/prior.ts";
import { readParameters } from "../parameters/parameter.ts";
import { readUtterance } from "../spans/utterance.ts";
import type { JsonObject } from "../tool-definition.ts";
import { confidenceIn } from "./confidence.ts";
import { extractArguments } from "./extract.ts";
import { VALUE_TYPES, valueTypeOf } from "./value-type.ts";

const prior = createPrior();
const { confidence } = prior.arguments;

function read(properties: JsonObject, text: string, required = Object.keys(properties)) {
  const parameters = readParameters({ type: "object", properties, required }, prior.lexicon);
  const clock = { now: new Date("2026-03-01T12:00:00Z"), timeZone: "UTC" };
  return extractArguments(parameters, new Set(), readUtterance(text, prior.lexicon, clock), prior.arguments);
}

describe("the type of a value", () => {
  const note: JsonObject = { type: "string", description: "Text of the note." };
  it.each<[string, JsonObject, string]>([
    ["enum", { class: { type: "string", enum: ["first", "second"] } }, "two tickets in first class"],
    ["integer", { count: { type: "integer", description: "Number of tickets." } }, "count 12"],
    ["number", { price: { type: "number", description: "Price." } }, "a price of 12.5"],
    ["boolean", { express: { type: "boolean", description: "Express delivery." } }, "with express delivery"],
    ["date", { date: { type: "string", format: "date", description: "Day." } }, "on 2026-05-04"],
    ["known", { city: { type: "string", description: "City." } }, "the weather in Oslo"],
    ["quoted", { note }, 'note "buy milk"'],
    ["array", { values: { type: "array", items: { type: "number" } } }, "values 1, 2 and 3"],
    ["missing", { price: { type: "number" } }, "for my aunt"],
  ])("%s is told", (type, properties, text) => {
    const [only] = read(properties, text).assignments;
    expect(only && valueTypeOf(only.parameter, only.candidate)).toBe(type);
  });

  it("omitted is told from missing", () => {
    const [only] = read({ price: { type: "number" } }, "for my aunt", []).assignments;
    expect(only && valueTypeOf(only.parameter, only.candidate)).toBe("omitted");
  });
});

describe("confidence", () => {
  it("is a probability, whatever the scorer says", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom(...VALUE_TYPES),
        (chosen, type) => {
          const sure = confidenceIn(chosen, type, confidence);
          expect(sure).toBeGreaterThan(0);
          expect(sure).toBeLessThan(1);
        },
      ),
    );
  });

  it("rises with the scorer's for every value that is given", () => {
    for (const type of VALUE_TYPES.filter((one) => one !== "missing"))
      expect(confidenceIn(0.9, type, confidence)).toBeGreaterThan(confidenceIn(0.3, type, confidence));
  });

  it("is higher for an option than for words that may be anything", () => {
    expect(confidenceIn(0.9, "enum", confidence)).toBeGreaterThan(confidenceIn(0.9, "string", confidence));
  });

  it("in several arguments is less than in the least sure one, and more than if they erred apart", () => {
    const { assignments, probability } = read(
      { city: { type: "string", description: "City." }, days: { type: "integer", description: "Days." } },
      "the weather in Oslo for 3 days",
    );
    const each = assignments.map((one) => one.probability);
    expect(each).toHaveLength(2);
    expect(probability).toBeLessThan(Math.min(...each));
    expect(probability).toBeGreaterThan(each.reduce((product, one) => product * one, 1));
  });
});
