import { describe, expect, it } from "vitest";
import { createPrior } from "../decision/prior.ts";
import { rankTools } from "../ranking/rank.ts";
import type { ToolIndex } from "../ranking/tool-index.ts";
import { Tier0 } from "../tier0.ts";
import type { ToolDefinition } from "../tool-definition.ts";

const prior = createPrior();
const tier0 = new Tier0(prior);

const tool = (name: string, examples: readonly string[], trusted?: boolean): ToolDefinition => ({
  name,
  description: "",
  effect: "read",
  input_schema: { type: "object", properties: {} },
  examples: examples.map((text) => ({ text, arguments: {} })),
  ...(trusted === undefined ? {} : { trusted }),
});

const say = tool("speak_language", [
  "how do you say hello in japanese",
  "how do i say dinner in spanish",
  "how would they say thank you in thai",
  "how can i say good night in korean",
  "how do people say sorry in polish",
]);
const lights = tool("scene", [
  "make it darker in here",
  "could you dim everything in the room",
  "i want it brighter in here",
  "make the room cosy",
  "it is too bright in here",
]);

const likenessOf = (index: ToolIndex, text: string): Record<string, number> =>
  Object.fromEntries(
    rankTools(index, text, 8, prior.lexicon.synonyms).map((ranked) => [
      ranked.tool.definition.name,
      ranked.example,
    ]),
  );

describe("from three examples on", () => {
  it("a text is held against all of them, the words that ask included", async () => {
    const index = await tier0.register([
      tool("a", say.examples?.slice(0, 3).map(({ text }) => text) ?? []),
      lights,
    ]);
    const { a = 0, scene = 0 } = likenessOf(index, "how do you say goodbye in french");
    expect(a).toBeGreaterThan(scene);
    expect(a).toBeGreaterThan(0.3);
  });

  it("the values of examples tie no tool to them", async () => {
    const weather = { ...tool("a", []), examples: ["Oslo", "Bergen", "Rome"].map(example) };
    function example(place: string) {
      return { text: `is it wet in ${place}`, arguments: { place } };
    }
    const index = await tier0.register([weather, lights]);
    const values = likenessOf(index, "Oslo Bergen Rome");
    expect(values.a).toBe(0);
    expect(likenessOf(index, "is it wet in Kyoto").a).toBeGreaterThan(0.5);
  });

  it("a third party's examples are held against it one by one, as if they were few", async () => {
    const stuffed = say.examples?.map(({ text }) => text) ?? [];
    const index = await tier0.register([tool("stranger", stuffed, false), tool("ours", stuffed, true)]);
    const [first, second] = rankTools(index, "how do you say hello in japanese", 2, prior.lexicon.synonyms);
    expect([first?.tool.definition.name, second?.tool.definition.name]).toEqual(["ours", "stranger"]);
  });
});

describe("from five examples on", () => {
  it("what was learnt of all tools' examples tells them apart", async () => {
    const index = await tier0.register([say, lights]);
    await tier0.learnt(index);
    const { speak_language: clear = 0, scene = 0 } = likenessOf(index, "how do you say hello in japanese");
    expect(clear).toBeGreaterThan(0.8);
    expect(scene).toBeLessThan(0.1);
  });

  it("a stranger stays one: telling tools apart makes none likely", async () => {
    const index = await tier0.register([say, lights]);
    await tier0.learnt(index);
    for (const likeness of Object.values(likenessOf(index, "what did the stock market do yesterday")))
      expect(likeness).toBeLessThan(0.3);
  });

  it("learning gives way to other work, and ends with its signal", async () => {
    const many = Array.from({ length: 60 }, (_, at) =>
      tool(
        `t${at}`,
        Array.from({ length: 10 }, (_, one) => `word${at} other${one} thing${(at * one) % 7} please`),
      ),
    );
    const stop = new AbortController();
    const index = await tier0.register(many, stop.signal);
    stop.abort(new Error("enough"));
    await expect(tier0.learnt(index)).rejects.toThrow("enough");
  });
});
