import { describe, expect, it } from "vitest";
import { createPrior } from "../decision/prior.ts";
import { calculator, convertUnits, currentTime } from "../fixtures.ts";
import { readParameters } from "../parameters/parameter.ts";
import { toolStems } from "../ranking/tool-stems.ts";
import { readUtterance } from "../spans/utterance.ts";
import type { JsonObject, ToolDefinition } from "../tool-definition.ts";
import { extractArguments } from "./extract.ts";

const prior = createPrior();
const CLOCK = { now: new Date("2026-03-01T12:00:00Z"), timeZone: "UTC" };
const exchange: ToolDefinition = {
  name: "exchange_money",
  description: "Converts an amount of money between currencies.",
  input_schema: {
    type: "object",
    properties: {
      from: { type: "string", description: "Currency to convert from." },
      to: { type: "string", description: "Currency to convert to." },
      amount: { type: "number", description: "Amount of money." },
    },
    required: ["from", "to"],
  },
};

function read(tool: ToolDefinition, text: string) {
  const utterance = readUtterance(text, prior.lexicon, CLOCK);
  const parameters = readParameters(tool.input_schema, prior.lexicon);
  return extractArguments(parameters, toolStems(tool), utterance, prior.arguments);
}

describe("a value of a kind", () => {
  it.each<[string, ToolDefinition, JsonObject]>([
    ["calculate it for me", calculator, {}],
    ["what is the time in Tromsø?", currentTime, { time_zone: "Tromsø" }],
    ["why do time zones exist?", currentTime, {}],
    ["what is the local time there?", currentTime, {}],
    ["how many pounds is 72 kg?", convertUnits, { value: 72, from: "kg", to: "pounds" }],
    ["72 kg in pounds", convertUnits, { value: 72, from: "kg", to: "pounds" }],
    ["350 degrees Fahrenheit in Celsius", convertUnits, { value: 350, from: "Fahrenheit", to: "Celsius" }],
    [
      "75 square meters in square feet",
      convertUnits,
      { value: 75, from: "square meters", to: "square feet" },
    ],
    ["90 miles per hour in km/h", convertUnits, { value: 90, from: "miles per hour", to: "km/h" }],
    ["2,384.20 euros in yen", exchange, { from: "EUR", to: "JPY", amount: 2384.2 }],
    ["usd->eur 45", exchange, { from: "USD", to: "EUR", amount: 45 }],
    ["how many kilometers are 26.2 miles?", convertUnits, { value: 26.2, from: "miles", to: "kilometers" }],
    ["how many yen are 40 euros?", exchange, { from: "EUR", to: "JPY", amount: 40 }],
  ])("%s", (text, tool, expected) => {
    expect(read(tool, text).arguments).toEqual(expected);
  });
});
