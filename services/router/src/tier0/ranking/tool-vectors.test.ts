import { cosine } from "@forerun/embeddings/cosine";
import { beforeEach, describe, expect, it } from "vitest";
import { createPrior } from "../decision/prior.ts";
import { bookTable, calculator, getWeather } from "../fixtures.ts";
import type { ToolDefinition } from "../tool-definition.ts";
import { type TopicEmbedder, topicEmbedder } from "../topic-embedder.fixture.ts";
import { type CompiledTool, compileTool } from "./compiled-tool.ts";
import { ToolVectors } from "./tool-vectors.ts";

const { lexicon } = createPrior();
const compile = (tool: ToolDefinition): CompiledTool => compileTool(tool, lexicon);
const never = new AbortController().signal;
let topics: TopicEmbedder;
let vectors: ToolVectors;

beforeEach(() => {
  topics = topicEmbedder();
  vectors = new ToolVectors(topics.embedder);
});

/** How near a tool is to a text about dinner. */
async function nearDinner(tool: ToolDefinition): Promise<number> {
  const compiled = compile(tool);
  await vectors.make([compiled]);
  const [text] = await topics.embedder.embed(["dinner"], never);
  return cosine(vectors.known([compiled])?.[0], text);
}

describe("vectors of tools", () => {
  it("are made once, in one call, however often and at once they are asked for", async () => {
    const [one, two, three] = [compile(calculator), compile(getWeather), compile(bookTable)];
    await Promise.all([vectors.make([one, two]), vectors.make([two, one]), vectors.make([one])]);
    expect(topics.asked).toHaveLength(1);
    await vectors.make([one, three]);
    expect(topics.asked).toHaveLength(2);
    expect(topics.asked[1]?.every((text) => !topics.asked[0]?.includes(text))).toBe(true);
  });

  it("are known when all of them are", async () => {
    const [one, two] = [compile(calculator), compile(getWeather)];
    await vectors.make([one]);
    expect(vectors.known([one])).toHaveLength(1);
    expect(vectors.known([one, two])).toBeUndefined();
  });

  it("tell what a tool is asked for from three examples on, unless a stranger wrote them", async () => {
    const asked = (count: number) => Array(count).fill({ text: "dinner, please", arguments: {} });
    const bare = { ...calculator, examples: [] };
    expect(await nearDinner({ ...bare, examples: asked(2) })).toBeCloseTo(await nearDinner(bare), 5);
    expect(await nearDinner({ ...bare, examples: asked(3) })).toBeGreaterThan((await nearDinner(bare)) + 0.5);
    const foreign = { ...bare, trusted: false, examples: asked(3) };
    expect(await nearDinner(foreign)).toBeCloseTo(await nearDinner(bare), 5);
  });

  it("are made the next time when an embedder failed", async () => {
    const tool = compile(calculator);
    topics.fail(new Error("down"));
    await expect(vectors.make([tool])).rejects.toThrow("down");
    expect(vectors.known([tool])).toBeUndefined();
    topics.fail(undefined);
    await vectors.make([tool]);
    expect(vectors.known([tool])).toHaveLength(1);
  });
});
