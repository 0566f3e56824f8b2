import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Tier0Question } from "./decision/decide.ts";
import { createPrior, withHeads } from "./decision/prior.ts";
import { bookTable, builtIns, calculator, getWeather } from "./fixtures.ts";
import type { ToolIndex } from "./ranking/tool-index.ts";
import { Tier0 } from "./tier0.ts";
import { type TopicEmbedder, topicEmbedder } from "./topic-embedder.fixture.ts";

const prior = createPrior();
const never = new AbortController().signal;
let topics: TopicEmbedder;
let tier0: Tier0;
let tools: ToolIndex;
let failures: unknown[];

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
  failures = [];
  tier0 = new Tier0(prior, { embedder: topics.embedder, failed: (fault) => failures.push(fault) });
  tools = await tier0.register([...builtIns, bookTable]);
});

describe("deciding by meaning", () => {
  it("ranks first the tool that is meant, though the question has no word of it", async () => {
    await tier0.embedded(tools);
    const text = "Are galoshes wise in Bergen?";
    const words = tier0.decide(tools, question(text));
    const meaning = await byMeaning(text);
    expect(words.ranking[0]).not.toBe(getWeather.name);
    expect(meaning?.ranking[0]).toBe(getWeather.name);
  });

  it("embeds the question, and each clause where there are several", async () => {
    await tier0.embedded(tools);
    topics.asked.length = 0;
    await byMeaning("weather in Oslo");
    await byMeaning("what is 2 plus 3? and what is the weather in Oslo?");
    const [one, several] = topics.asked;
    expect(one).toEqual(["weather in Oslo"]);
    expect(several?.[0]).toBe("what is 2 plus 3? and what is the weather in Oslo?");
    expect(several?.length).toBeGreaterThan(1);
  });

  it("has nothing to say before the tools are embedded, nor to a question that ranks no tool", async () => {
    topics.stall();
    const fresh = await tier0.register([{ ...calculator, name: "sum" }]);
    expect(await tier0.decideByMeaning(fresh, question("weather in Oslo"), never)).toBeUndefined();
    await tier0.embedded(tools);
    topics.asked.length = 0;
    expect(await byMeaning("weather in Oslo", { toolChoice: "none" })).toBeUndefined();
    expect(topics.asked).toEqual([]);
  });

  it("has nothing to say without an embedder", async () => {
    const bare = new Tier0(prior);
    const index = await bare.register(builtIns);
    await bare.embedded(index);
    expect(await bare.decideByMeaning(index, question("weather in Oslo"), never)).toBeUndefined();
  });

  it("takes its probabilities from the heads of the ranking that made the scores", async () => {
    const certain = { scope: { bias: 9 }, choice: {} };
    tier0 = new Tier0(withHeads(prior, "meaning", certain), { embedder: topics.embedder, failed: () => {} });
    tools = await tier0.register([getWeather]);
    await tier0.embedded(tools);
    const text = "weather in Oslo";
    const [words] = tier0.decide(tools, question(text)).drafts;
    const [meaning] = (await byMeaning(text))?.drafts ?? [];
    expect(words).toEqual(new Tier0(prior).decide(tools, question(text)).drafts[0]);
    expect(words?.rankedBy).toBe("words");
    expect(meaning).toMatchObject({ rankedBy: "meaning", pTool: expect.closeTo(1, 3) });
  });

  it("leaves what words alone decide as it was", async () => {
    const before = tier0.decide(tools, question("weather in Bergen"));
    await tier0.embedded(tools);
    await byMeaning("weather in Bergen");
    expect(tier0.decide(tools, question("weather in Bergen"))).toEqual(before);
  });

  it("passes on what the embedder says, and the reason of a caller who is gone", async () => {
    await tier0.embedded(tools);
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
    await tier0.embedded(tools);
    expect((await byMeaning("Are galoshes wise in Bergen?"))?.ranking[0]).toBe(getWeather.name);
  });
});

describe("deciding in time", () => {
  const LONG_MS = 60_000;
  const inTime = (text: string, waitMs = LONG_MS, signal = never) =>
    tier0.decideInTime(tools, question(text), { waitMs, signal });

  it("decides by meaning when the embedding comes in time, and not when it is late", async () => {
    await tier0.embedded(tools);
    expect((await inTime("Are galoshes wise in Bergen?"))?.ranking[0]).toBe(getWeather.name);
    topics.stall();
    expect(await inTime("Are galoshes wise in Oslo?", 1)).toBeUndefined();
  });

  it("leaves the decision to the words when the embedder fails, and says so", async () => {
    await tier0.embedded(tools);
    topics.fail(new Error("down"));
    expect(await inTime("weather in Oslo")).toBeUndefined();
    expect(failures).toEqual([new Error("down")]);
  });

  it("says that tools could not be embedded, and leaves the embedder alone for a while", async () => {
    topics.fail(new Error("down"));
    topics.asked.length = 0;
    const sum = await tier0.register([{ ...calculator, name: "sum" }]);
    await vi.waitFor(() => expect(failures).toEqual([new Error("down")]));
    expect(
      await tier0.decideInTime(sum, question("2 + 3"), { waitMs: LONG_MS, signal: never }),
    ).toBeUndefined();
    expect(topics.asked).toHaveLength(1);
    await expect(tier0.embedded(sum)).rejects.toThrow("down");
  });

  it("stops waiting when the caller is gone", async () => {
    await tier0.embedded(tools);
    topics.stall();
    const caller = new AbortController();
    const asked = inTime("weather in Oslo", LONG_MS, caller.signal);
    caller.abort(new Error("gone"));
    await expect(asked).rejects.toThrow("gone");
  });
});
