import type { JsonObject } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { numbered } from "./decision.ts";
import { createMeanings } from "./meanings.ts";
import { routingCaseSchema } from "./routing-case.ts";
import { sameCalls } from "./same-call.ts";

const how = {
  schemas: new Map<string, JsonObject>([
    ["search_knowledge", { properties: { k: { default: 5 } } }],
    ["exchange_rate", { properties: { amount: { default: 1 } } }],
    ["date_math", { properties: { direction: { default: "after" } } }],
  ]),
  meanings: createMeanings(new Date("2026-11-24T09:00:00Z")),
};

type Call = { name: string; arguments?: JsonObject };

function alike(made: Call[], calls: Call[], any_order = false): boolean {
  const { expect: expected } = routingCaseSchema.parse({
    id: "t1",
    text: "…",
    expect: { action: "call", calls, any_order },
    tags: ["test"],
  });
  return sameCalls(
    made.map(({ name, arguments: args }) => ({ name, arguments: args ?? {} })),
    expected,
    how,
  );
}

describe("two sets of arguments", () => {
  it.each<[name: string, made: JsonObject, expected: JsonObject]>([
    ["calculator", { expression: "0.17 * 2400" }, { expression: "17% of 2400" }],
    ["convert_units", { value: 5, from: "km", to: "mi" }, { value: 5, from: "kilometers", to: "miles" }],
    ["current_time", { time_zone: "oslo" }, { time_zone: "Europe/Oslo" }],
    ["date_math", { weeks: 1 }, { date: "2026-11-24", days: 7, direction: "after" }],
    ["date_math", { days: -90 }, { days: 90, direction: "before" }],
    ["exchange_rate", { from: "dollars", to: "€" }, { from: "USD", to: "EUR", amount: 1 }],
    ["get_weather", { place: "São Paulo" }, { place: "sao paulo" }],
    ["search_knowledge", { query: "our notice period", k: 5 }, { query: { contains: ["Notice Period"] } }],
    ["get_weather", { place: "Rome" }, { place: "Rome", date: { one_of: [null, "2026-11-24"] } }],
    [
      "convert_units",
      { value: "$c1.result", from: "m", to: "ft" },
      { value: "$c1.result", from: "meters", to: "feet" },
    ],
  ])("of %s are the same: %j and %j", (name, made, expected) => {
    expect(alike([{ name, arguments: made }], [{ name, arguments: expected }])).toBe(true);
  });

  it.each<[name: string, made: JsonObject, expected: JsonObject]>([
    ["calculator", { expression: "17 * 2400" }, { expression: "17% of 2400" }],
    [
      "convert_units",
      { value: 0, from: "celsius", to: "kelvin" },
      { value: 0, from: "fahrenheit", to: "kelvin" },
    ],
    ["convert_units", { value: 5, from: "m", to: "km" }, { value: 5, from: "km", to: "m" }],
    ["current_time", { time_zone: "Oslo" }, { time_zone: "Tokyo" }],
    ["date_math", { months: 1 }, { days: 31 }],
    ["date_math", {}, { until: "2026-12-31" }],
    ["exchange_rate", { from: "EUR", to: "USD" }, { from: "USD", to: "EUR" }],
    ["exchange_rate", { from: "USD", to: "EUR", amount: 2 }, { from: "USD", to: "EUR" }],
    ["search_knowledge", { query: "period" }, { query: { contains: ["notice"] } }],
    ["get_weather", { place: "Rome", date: "2026-11-25" }, { place: "Rome" }],
    ["get_weather", {}, { place: "Rome" }],
  ])("of %s are not the same: %j and %j", (name, made, expected) => {
    expect(alike([{ name, arguments: made }], [{ name, arguments: expected }])).toBe(false);
  });
});

describe("several calls", () => {
  const rome: Call = { name: "get_weather", arguments: { place: "Rome" } };
  const athens: Call = { name: "get_weather", arguments: { place: "Athens" } };

  it("have to come in the order given unless any order will do", () => {
    expect(alike([athens, rome], [rome, athens])).toBe(false);
    expect(alike([athens, rome], [rome, athens], true)).toBe(true);
  });

  it("count once each", () => {
    expect(alike([rome, rome], [rome, athens], true)).toBe(false);
    expect(alike([rome], [rome, athens], true)).toBe(false);
    expect(alike([rome, rome], [rome, rome], true)).toBe(true);
  });

  it("may have any arguments where the case names none", () => {
    expect(alike([rome], [{ name: "get_weather" }])).toBe(true);
  });

  it("refer to each other by their place, whatever ids the router gave", () => {
    const calls = numbered([
      { id: "weather", name: "geocode", arguments: { place: "Oslo" } },
      { id: "b", name: "get_weather", arguments: { latitude: "$weather.latitude", text: "$5" } },
    ]);
    expect(calls[1]?.arguments).toEqual({ latitude: "$c1.latitude", text: "$5" });
  });
});
