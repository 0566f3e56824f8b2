import { beforeAll, describe, expect, it } from "vitest";
import { bookTable, builtIns } from "../fixtures.ts";
import type { ToolIndex } from "../ranking/tool-index.ts";
import { Tier0 } from "../tier0.ts";
import type { JsonObject, ToolDefinition } from "../tool-definition.ts";
import type { Tier0Question } from "./decide.ts";
import { createPrior } from "./prior.ts";
import type { Tier0Decision } from "./tier0-decision.ts";

const tier0 = new Tier0(createPrior());
const CLOCK = { now: new Date("2026-03-01T12:00:00Z"), timeZone: "UTC" };
let tools: ToolIndex;
let office: ToolIndex;

beforeAll(async () => {
  tools = await tier0.register(builtIns);
  office = await tier0.register([...builtIns, bookTable]);
});

function ask(text: string, change: Partial<Tier0Question> = {}, index = tools): Tier0Decision {
  return tier0.decide(index, { text, history: [], clock: CLOCK, toolChoice: "auto", maxCalls: 8, ...change });
}

const callsOf = (decision: Tier0Decision): [string, JsonObject][] =>
  decision.calls.map((call) => [call.name, call.arguments]);

describe("a question that a tool answers", () => {
  it.each<[string, string, JsonObject]>([
    ["17% of 2400", "calculator", { expression: "17% of 2400" }],
    ["what is 12 times 8?", "calculator", { expression: "12 * 8" }],
    ["square root of 144", "calculator", { expression: "sqrt(144)" }],
    ["add 45 and 78", "calculator", { expression: "45 + 78" }],
    ["what time is it in Oslo", "current_time", { time_zone: "Europe/Oslo" }],
    ["current time in San Francisco", "current_time", { time_zone: "America/Los_Angeles" }],
    ["tell me what time it is in India", "current_time", { time_zone: "Asia/Kolkata" }],
    ["convert 10 km to miles", "convert_units", { value: 10, from: "km", to: "miles" }],
    ["100 fahrenheit in celsius", "convert_units", { value: 100, from: "fahrenheit", to: "celsius" }],
    ["how many pounds are 5 kg?", "convert_units", { value: 5, from: "kg", to: "pounds" }],
    ["weather in Bergen", "get_weather", { place: "Bergen" }],
    ["what's the weather in Paris tomorrow?", "get_weather", { place: "Paris", date: "2026-03-02" }],
    ["will it rain in Madrid?", "get_weather", { place: "Madrid" }],
    ["weather at latitude 59.91 and longitude 10.75", "get_weather", { latitude: 59.91, longitude: 10.75 }],
    ["coordinates of Nairobi", "geocode", { place: "Nairobi" }],
    ["search the docs for how to rotate keys", "search_knowledge", { query: "how to rotate keys" }],
    ["what do our documents say about refunds?", "search_knowledge", { query: "refunds" }],
  ])("%s → %s", (text, name, args) => {
    expect(callsOf(ask(text))).toEqual([[name, args]]);
  });
});

describe("several questions in one message", () => {
  it.each<[string, [string, JsonObject][]]>([
    [
      "17% of 2400, and what time is it in Oslo?",
      [
        ["calculator", { expression: "17% of 2400" }],
        ["current_time", { time_zone: "Europe/Oslo" }],
      ],
    ],
    [
      "What's the weather in Rome? Convert 3 km to miles.",
      [
        ["get_weather", { place: "Rome" }],
        ["convert_units", { value: 3, from: "km", to: "miles" }],
      ],
    ],
    [
      "the weather in Oslo and in Bergen",
      [
        ["get_weather", { place: "Oslo" }],
        ["get_weather", { place: "Bergen" }],
      ],
    ],
    [
      "what time is it in Oslo, Tokyo and Lima?",
      [
        ["current_time", { time_zone: "Europe/Oslo" }],
        ["current_time", { time_zone: "Asia/Tokyo" }],
        ["current_time", { time_zone: "America/Lima" }],
      ],
    ],
    ["weather in Oslo? and what is the weather in Oslo?", [["get_weather", { place: "Oslo" }]]],
  ])("%s", (text, expected) => {
    expect(callsOf(ask(text))).toEqual(expected);
  });

  it("makes no more calls than allowed", () => {
    expect(ask("what time is it in Oslo, Tokyo and Lima?", { maxCalls: 2 }).calls).toHaveLength(2);
  });

  it("leave out a call that does not fit its tool's schema", () => {
    const { calls } = ask("17% of 2400, what time is it in Lima, and will it rain tomorrow?");
    expect(calls.map(({ name }) => name)).toEqual(["calculator", "current_time"]);
  });
});

describe("a message that wants no tool", () => {
  it.each([
    ["hello", "conversational"],
    ["yes, do it", "conversational"],
    ["thanks!", "conversational"],
    ["", "empty"],
    ["   \n ", "empty"],
    ["write me a poem about spring", "below_threshold"],
    ["what do you think about Rust?", "below_threshold"],
    ["write a python function that adds two numbers", "below_threshold"],
    ["explain how photosynthesis works", "below_threshold"],
    ["who won the world cup in 1998", "below_threshold"],
    ["don't tell me the weather in Oslo", "negated"],
    ["今天奥斯陆的天气怎么样", "non_latin"],
    ["какая погода в Осло", "non_latin"],
    [`the weather ${"was lovely and we walked along the river for hours ".repeat(14)}`, "long_text"],
  ])("%s → answer (%s)", (text, reason) => {
    expect(ask(text)).toMatchObject({ action: "answer", calls: [], reason });
  });
});

describe("a call that lacks something", () => {
  it("asks back in the words of the schema", () => {
    const decision = ask("convert 10 km please");
    expect(decision).toMatchObject({ action: "clarify", calls: [], reason: "missing_arguments" });
    expect(decision.text).toMatch(/convert_units.*\bto\b/);
  });

  it("asks back when no set of required parameters is complete", () => {
    expect(ask("what's the weather like?")).toMatchObject({ action: "clarify", reason: "invalid_arguments" });
  });

  it("asks back where nothing is given and no example does with nothing", async () => {
    const days: ToolDefinition = {
      name: "count_days",
      description: "Counts the days until a date.",
      input_schema: { type: "object", properties: { until: { type: "string", format: "date" } } },
      examples: [{ text: "how many days until 2027-01-01?", arguments: { until: "2027-01-01" } }],
    };
    const index = await tier0.register([days]);
    expect(ask("how many days are left?", {}, index)).toMatchObject({
      calls: [],
      drafts: [{ missing: ["until"], pArguments: 0 }],
    });
  });

  it("is still a draft, a hint for a model", () => {
    expect(ask("convert 10 km please").drafts[0]).toMatchObject({
      name: "convert_units",
      missing: ["to"],
      pArguments: 0,
    });
  });

  it("does not write on unsure arguments", () => {
    const decision = ask("book a table somewhere nice", {}, office);
    expect(decision.calls).toEqual([]);
  });
});

describe("the turn before", () => {
  const before = [
    { role: "user", content: "what's the weather in Oslo?" },
    { role: "assistant", content: "It is 4 degrees in Oslo." },
  ];

  it.each(["and in Paris?", "what about Paris?", "how about in Paris"])(
    "%s asks the same of another place",
    (text) => {
      expect(ask(text, { history: before })).toMatchObject({
        action: "call",
        reason: "follow_up",
        calls: [{ name: "get_weather", arguments: { place: "Paris" } }],
      });
    },
  );

  it("does not put a place where a sum was", () => {
    const history = [
      { role: "user", content: "17% of 2400" },
      { role: "assistant", content: "It is 408." },
    ];
    expect(ask("and in Lima?", { history }).calls).toEqual([]);
    expect(ask("and 19% of 2400?", { history }).calls).toMatchObject([
      { arguments: { expression: "19% of 2400" } },
    ]);
  });

  it("is not read into a new subject", () => {
    expect(ask("and why is the sky blue?", { history: before }).calls).toEqual([]);
  });

  it("is completed by the answer to a question that was asked back", () => {
    const history = [
      { role: "user", content: "what's the weather like?" },
      { role: "assistant", content: "To use get_weather I need the place. Can you tell me?" },
    ];
    expect(ask("in Bergen", { history })).toMatchObject({
      action: "call",
      reason: "completed",
      calls: [{ name: "get_weather", arguments: { place: "Bergen" } }],
    });
  });
});

describe("what the caller allows", () => {
  it("calls nothing when tools are off", () => {
    expect(ask("17% of 2400", { toolChoice: "none" })).toMatchObject({
      action: "answer",
      reason: "tools_off",
    });
    expect(ask("17% of 2400", { maxCalls: 0 })).toMatchObject({ action: "answer", reason: "tools_off" });
  });

  it("calls the likeliest complete tool when one is required", () => {
    const decision = ask("Nairobi, the coordinates thing", { toolChoice: "required" });
    expect(decision.calls.map((call) => call.name)).toEqual(["geocode"]);
  });

  it("refuses when a tool is required and there is none", async () => {
    const none = await tier0.register([]);
    expect(ask("17% of 2400", { toolChoice: "required" }, none)).toMatchObject({
      action: "refuse",
      reason: "no_tools",
    });
    expect(ask("17% of 2400", {}, none)).toMatchObject({ action: "answer", reason: "no_tools" });
  });
});
