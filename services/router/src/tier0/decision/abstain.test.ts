import { beforeAll, describe, expect, it } from "vitest";
import { bookTable, builtIns } from "../fixtures.ts";
import type { ToolIndex } from "../ranking/tool-index.ts";
import { Tier0 } from "../tier0.ts";
import type { ToolDefinition } from "../tool-definition.ts";
import type { Tier0Question } from "./decide.ts";
import { createPrior } from "./prior.ts";

const tier0 = new Tier0(createPrior());
const CLOCK = { now: new Date("2026-03-01T12:00:00Z"), timeZone: "UTC" };
const twins: readonly ToolDefinition[] = ["1", "2"].map((side) => ({
  name: `tide_${side}`,
  description: "Tells the height of the tide now.",
  effect: "read",
  input_schema: { type: "object", properties: {} },
}));
let tools: ToolIndex;
let office: ToolIndex;
let tides: ToolIndex;

beforeAll(async () => {
  tools = await tier0.register(builtIns);
  office = await tier0.register([...builtIns, bookTable]);
  tides = await tier0.register(twins);
});

function ask(text: string, change: Partial<Tier0Question> = {}, index = tools) {
  return tier0.decide(index, { text, history: [], clock: CLOCK, toolChoice: "auto", maxCalls: 8, ...change });
}

const words = (count: number) =>
  Array.from({ length: count }, (_, at) => `of${"abcdefgh"[at % 8]}`).join(" ");
const code = "```\nreturn weather(Oslo);\n```";
const log = Array.from({ length: 11 }, (_, at) => `12:0${at % 10} weather of Oslo fetched`).join("\n");
const NOISE = "grandmother knitted seventeen purple sweaters besides dusty gramophone records yesterday";

describe("tier 0 calls nothing for", () => {
  it.each<[string, string, string]>([
    ["a negation before the tool's name", "please do not check the weather in Oslo", "negated"],
    ["a negation before the first word that asks", "I'd rather you never converted 5 km to miles", "negated"],
    ["a negation of an obligation", "you don't have to check the weather in Oslo", "negated"],
    ["a wish to stop", "stop converting 20 feet to meters", "negated"],
    ["what there is no need for", "no need to search the documents for refunds", "negated"],
    ["what is to be forgotten", "forget about the weather in Oslo", "negated"],
    ["more than eighty words", `the weather in Oslo ${words(80)}`, "long_text"],
    ["code", `what is wrong here?\n${code}`, "pasted_text"],
    ["more lines than anybody types", log, "pasted_text"],
    ["a greeting", "good morning", "conversational"],
    ["consent to nothing", "yes, do it", "conversational"],
    ["another alphabet", "какая погода в Осло", "non_latin"],
    ["what no tool speaks of", "write me a poem about spring", "below_threshold"],
  ])("%s: %s", (_rule, text, reason) => {
    expect(ask(text)).toMatchObject({ action: "answer", calls: [], reason });
  });

  it("eighty words, but not for their number", () => {
    expect(ask(`the weather in Oslo ${words(76)}`).reason).not.toBe("long_text");
  });

  it("tools that nothing tells apart", () => {
    const decision = ask("height of the tide now", { toolChoice: "required" }, tides);
    expect(decision).toMatchObject({ calls: [], reason: "ambiguous_tools" });
  });

  it("a text of which it understands hardly a word", () => {
    expect(ask(`weather ${NOISE} Oslo`).calls).toEqual([]);
  });

  it("a declined offer, whatever was asked before", () => {
    const history = [
      { role: "user", content: "I wonder how cold it is in Prague." },
      { role: "assistant", content: "Shall I look up the weather in Prague?" },
    ];
    expect(ask("no, leave it", { history })).toMatchObject({ calls: [], reason: "conversational" });
  });

  it("consent to a write that a model offered", () => {
    const offer = "Shall I book a table for 4 guests at the restaurant 'Noma'?";
    const history = [
      { role: "user", content: "where could we eat?" },
      { role: "assistant", content: offer },
    ];
    expect(ask("yes please", { history }, office).calls).toEqual([]);
  });
});

describe("it does call", () => {
  it.each<[string, string, string]>([
    ["what is asked though a negation stands near", "I don't know the weather in Oslo", "get_weather"],
    ["what a reminder asks for", "don't forget to convert 5 km to miles", "convert_units"],
    [
      "what is wanted beside what is not",
      "don't tell me the time, show me the weather in Oslo",
      "get_weather",
    ],
    [
      "what is wanted in place of something",
      "rather than the time in Delhi, show me the weather there",
      "get_weather",
    ],
  ])("%s: %s", (_rule, text, name) => {
    expect(ask(text).calls.map((call) => call.name)).toEqual([name]);
  });

  it("what was offered and is consented to", () => {
    const history = [
      { role: "user", content: "I want to know how warm it is in Dubai." },
      { role: "assistant", content: "Sure. Shall I get the current weather for Dubai?" },
    ];
    expect(ask("yes, do it", { history })).toMatchObject({
      reason: "completed",
      calls: [{ name: "get_weather", arguments: { place: "Dubai" } }],
    });
  });
});

describe("a text that is not read", () => {
  it("still tells a model which tools it speaks of", () => {
    const { ranking, calls } = ask(`what is the weather in Oslo\n${code}`);
    expect(calls).toEqual([]);
    expect(ranking[0]).toBe("get_weather");
  });
});
