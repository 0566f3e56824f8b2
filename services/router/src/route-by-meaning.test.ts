import { createModel, type Model } from "@forerun/llm/model";
import { DisposalStack } from "@forerun/runtime/disposal";
import { startScriptedModel } from "@forerun/testing/scripted-model/server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RouteQuestion, RouteStep } from "./route-decision.ts";
import { routeTurn } from "./route-turn.ts";
import { createPrior } from "./tier0/decision/prior.ts";
import { builtIns } from "./tier0/fixtures.ts";
import { Tier0 } from "./tier0/tier0.ts";
import { type TopicEmbedder, topicEmbedder } from "./tier0/topic-embedder.fixture.ts";
import { type CatalogSnapshot, readTools } from "./tool-catalog.ts";

const prior = createPrior();
const never = new AbortController().signal;
/** No word of it is a tool's, and yet it wants the weather. */
const MEANT = "Are galoshes wise in Bergen?";
let opened: DisposalStack;
let topics: TopicEmbedder;
let tier0: Tier0;
let catalog: CatalogSnapshot;

beforeEach(async () => {
  opened = new DisposalStack();
  topics = topicEmbedder();
  tier0 = new Tier0(prior, { embedder: topics.embedder, failed: () => {} });
  catalog = await readTools({ tools: builtIns, facts: new Map(), version: "1" }, tier0);
  await tier0.embedded(await catalog.indexOf([]));
});

afterEach(() => opened[Symbol.asyncDispose]());

/** Names of tier 0's drafts, and its probability that the weather is wanted. */
type Routed = { drafts: string[]; weather: number };

async function route(text: string, model?: Model): Promise<Routed> {
  const question: RouteQuestion = {
    text,
    history: [],
    toolChoice: "auto",
    allowedTools: [],
    now: new Date("2026-03-01T12:00:00Z"),
    timeZone: "UTC",
    maxModelCalls: 2,
    answerModelCalls: 1,
    maxToolCalls: 8,
    earlierCalls: [],
  };
  const steps: RouteStep[] = [];
  const deps = { tier0, models: { route: model, escalate: undefined } };
  for await (const step of routeTurn(question, catalog, deps, never)) steps.push(step);
  const candidates = steps.flatMap((step) => (step.kind === "decided" ? step.decision.candidates : []));
  return {
    drafts: steps.flatMap((step) =>
      step.kind === "draft" && step.source === "tier0" ? [step.call.name] : [],
    ),
    weather: candidates.find(({ name }) => name === "get_weather")?.pTool ?? 0,
  };
}

async function answering(): Promise<Model> {
  const server = opened.use(
    await startScriptedModel([{ match: { kind: "route" }, reply: { json: { action: "answer" } } }]),
  );
  return opened.use(createModel({ url: server.url, key: undefined, model: "small", timeoutMs: 30_000 }));
}

describe("a router with an embedder", () => {
  it("decides without a model by what the question means, and by its words when the embedder fails", async () => {
    const byMeaning = await route(MEANT);
    topics.fail(new Error("down"));
    const byWords = await route("Are galoshes wise in Oslo?");
    expect(byMeaning.weather).toBeGreaterThan(2 * byWords.weather);
    expect((await route("what is the weather in Bergen?")).weather).toBeGreaterThan(0.5);
  });

  it("drafts before it asks a model what the meaning tells beyond the words", async () => {
    expect((await route(MEANT, await answering())).drafts).toEqual(["get_weather"]);
  });

  it("drafts a call once that words and meaning agree on", async () => {
    expect((await route("what is the weather in Bergen?", await answering())).drafts).toEqual([
      "get_weather",
    ]);
  });
});
