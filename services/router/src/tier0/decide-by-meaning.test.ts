import { beforeEach, describe, expect, it } from "vitest";
import type { Tier0Question } from "./decision/decide.ts";
import { createPrior } from "./decision/prior.ts";
import { bookTable, builtIns, calculator, getWeather } from "./fixtures.ts";
import type { ToolIndex } from "./ranking/tool-index.ts";
import { Tier0 } from "./tier0.ts";
import { type TopicEmbedder, topicEmbedder } from "./topic-embedder.fixture.ts";

const prior = createPrior();
const never = new AbortController().signal;
let topics: TopicEmbedder;
let tier0: Tier0;
let tools: ToolIndex;

const question = (text: string, change: Partial<Tier0Question> = {}): Tier0Question => ({
  text,
  history: [],
  clock: { now: new Date("2026-03-01T12:00:00Z"), timeZone: "UTC" },
  toolChoice: "auto",
  maxCalls: 8,
  ...change,
});

const byMeaning = (text: string, change: Partial<Tier0Question> = {}) =>
  tier0.decideByMeaning(tools, question(text, change), never);

beforeEach(async () => {
  topics = topicEmbedder();
  tier0 = new Tier0(prior, topics.embedder);
  tools = await tier0.register([...builtIns, bookTable]);
});

describe("deciding by meaning", () => {
  it("ranks first the tool that is meant, though the question has no word of it", async () => {
    await tier0.embed(tools);
    const text = "Are galoshes wise in Bergen?";
    const words = tier0.decide(tools, question(text));
    const meaning = await byMeaning(text);
    expect(words.ranking[0]).not.toBe(getWeather.name);
    expect(meaning?.ranking[0]).toBe(getWeather.name);
  });

  it("embeds the question, and each clause where there are several", async () => {
    await tier0.embed(tools);
    topics.asked.length = 0;
    await byMeaning("weather in Oslo");
    await byMeaning("what is 2 plus 3? and what is the weather in Oslo?");
    const [one, several] = topics.asked;
    expect(one).toEqual(["weather in Oslo"]);
    expect(several?.[0]).toBe("what is 2 plus 3? and what is the weather in Oslo?");
    expect(several?.length).toBeGreaterThan(1);
  });

  it("has nothing to say before the tools are embedded, nor to a question that ranks no tool", async () => {
    expect(await byMeaning("weather in Oslo")).toBeUndefined();
    await tier0.embed(tools);
    topics.asked.length = 0;
    expect(await byMeaning("weather in Oslo", { toolChoice: "none" })).toBeUndefined();
    expect(topics.asked).toEqual([]);
  });

  it("has nothing to say without an embedder", async () => {
    const bare = new Tier0(prior);
    const index = await bare.register(builtIns);
    await bare.embed(index);
    expect(await bare.decideByMeaning(index, question("weather in Oslo"), never)).toBeUndefined();
  });

  it("leaves what words alone decide as it was", async () => {
    const before = tier0.decide(tools, question("weather in Bergen"));
    await tier0.embed(tools);
    await byMeaning("weather in Bergen");
    expect(tier0.decide(tools, question("weather in Bergen"))).toEqual(before);
  });

  it("passes on what the embedder says, and the reason of a caller who is gone", async () => {
    await tier0.embed(tools);
    topics.fail(new Error("down"));
    await expect(byMeaning("weather in Oslo")).rejects.toThrow("down");
    const gone = AbortSignal.abort(new Error("gone"));
    await expect(tier0.decideByMeaning(tools, question("weather in Oslo"), gone)).rejects.toThrow("gone");
  });

  it("finds among a thousand tools the one that is meant", async () => {
    const many = Array.from({ length: 1_000 }, (_, at) => ({
      ...calculator,
      name: `tool_${at}`,
      examples: [],
    }));
    tools = await tier0.register([...many, getWeather]);
    await tier0.embed(tools);
    expect((await byMeaning("Are galoshes wise in Bergen?"))?.ranking[0]).toBe(getWeather.name);
  });
});
