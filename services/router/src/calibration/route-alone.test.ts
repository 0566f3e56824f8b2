import type { Embedder } from "@forerun/embeddings/embedder";
import { createModel, type Model } from "@forerun/llm/model";
import { DisposalStack } from "@forerun/runtime/disposal";
import { startScriptedModel } from "@forerun/testing/scripted-model/server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RouteQuestion, RouteStep } from "../route-decision.ts";
import { routeTurn } from "../route-turn.ts";
import { createPrior } from "../tier0/decision/prior.ts";
import { builtIns } from "../tier0/fixtures.ts";
import { Tier0 } from "../tier0/tier0.ts";
import { topicEmbedder } from "../tier0/topic-embedder.fixture.ts";
import { type CatalogSnapshot, readTools } from "../tool-catalog.ts";
import { calibrationFixture } from "./fixtures.ts";
import { LoneDecisions } from "./lone-decisions.ts";

const tier0 = new Tier0(createPrior());
const never = new AbortController().signal;
const [SURE, UNSURE, AUDITED] = ["17% of 2400", "how is life in general", 0.001];
let opened: DisposalStack;
let catalog: CatalogSnapshot;

beforeEach(async () => {
  opened = new DisposalStack();
  const tools = builtIns.map((tool) => ({ ...tool, trusted: true }));
  catalog = await readTools({ tools, facts: new Map(), version: "1" }, tier0);
});

afterEach(() => opened[Symbol.asyncDispose]());

const call = (expression: string) => ({
  thought: "t",
  action: "call",
  calls: [{ id: "c1", tool: "calculator", args: { expression } }],
});

/** A model that is asked as often as it has decisions; it fails the test when asked once more, or once less. */
async function modelOf(...decisions: (object | "outage")[]) {
  const steps = decisions.map((decision) => ({
    match: { kind: "route" as const },
    reply: decision === "outage" ? { status: 500 } : { json: decision as { thought: string } },
  }));
  const server = opened.use(await startScriptedModel(steps));
  return opened.use(createModel({ url: server.url, key: undefined, model: "small", timeoutMs: 2_000 }));
}

async function route(text: string, model: Model, random: number, embedder?: Embedder) {
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
  const counts: string[] = [];
  const lone = new LoneDecisions({
    calibration: { ...calibrationFixture(), embedder: embedder?.id ?? null },
    random: () => random,
    counted: (result) => counts.push(result),
    drifted: () => {},
  });
  const steps: RouteStep[] = [];
  const ranking = embedder === undefined ? tier0 : await byMeaning(embedder);
  const deps = { tier0: ranking, lone, models: { route: model, escalate: undefined } };
  for await (const step of routeTurn(question, catalog, deps, never)) steps.push(step);
  const last = steps.at(-1);
  if (last?.kind !== "decided") throw new Error("no decision came");
  return { decision: last.decision, modelCalls: last.usage.modelCalls, drafts: steps.length - 1, counts };
}

/** A tier 0 that knows what the catalogue's tools mean. */
async function byMeaning(embedder: Embedder): Promise<Tier0> {
  const meaning = new Tier0(createPrior(), { embedder, failed: () => {} });
  await meaning.embedded(await catalog.indexOf([]));
  return meaning;
}

describe("with a calibration and a model", () => {
  it("a sure decision stands without the model, and says why", async () => {
    const { decision, modelCalls, drafts, counts } = await route(SURE, await modelOf(), 0.5);
    expect(decision).toMatchObject({
      action: "call",
      calls: [{ name: "calculator" }],
      tier: 0,
      reason: "calibrated",
      audit: "none",
    });
    expect({ modelCalls, drafts, counts }).toEqual({ modelCalls: 0, drafts: 0, counts: ["alone"] });
  });

  it("calibrated by meaning, a decision that meaning made stands, after what words drafted", async () => {
    const { embedder } = topicEmbedder();
    const { decision, modelCalls, drafts, counts } = await route(SURE, await modelOf(), 0.5, embedder);
    expect(decision).toMatchObject({ calls: [{ name: "calculator" }], tier: 0, reason: "calibrated" });
    expect({ modelCalls, drafts, counts }).toEqual({ modelCalls: 0, drafts: 1, counts: ["alone"] });
  });

  it("calibrated by meaning, a decision is the model's while the embedder fails", async () => {
    const { embedder, fail } = topicEmbedder();
    const model = await modelOf(call("17% of 2400"));
    // The tools are embedded; the question is not.
    const failing: Embedder = {
      ...embedder,
      async embed(texts, signal) {
        const vectors = await embedder.embed(texts, signal);
        fail(new Error("down"));
        return vectors;
      },
    };
    const { decision, counts } = await route(SURE, model, 0.5, failing);
    expect(decision).toMatchObject({ tier: 1, reason: "model" });
    expect(counts).toEqual([]);
  });

  it("any other decision is the model's", async () => {
    const { decision, counts } = await route(UNSURE, await modelOf({ thought: "t", action: "answer" }), 0.5);
    expect(decision).toMatchObject({ action: "answer", tier: 1, reason: "model", audit: "none" });
    expect(counts).toEqual([]);
  });

  it.each([
    ["agreed", "17% of 2400"],
    ["disagreed", "17 * 2400"],
  ] as const)("an audited decision is the model's, and says that they %s", async (audit, expression) => {
    const { decision, modelCalls, counts } = await route(SURE, await modelOf(call(expression)), AUDITED);
    expect(decision).toMatchObject({ calls: [{ arguments: { expression } }], tier: 1, audit });
    expect({ modelCalls, counts }).toEqual({ modelCalls: 1, counts: [audit] });
  });

  it("an audit by a model that fails finds nothing", async () => {
    const { decision, counts } = await route(SURE, await modelOf("outage"), AUDITED);
    expect(decision).toMatchObject({ calls: [{ name: "calculator" }], tier: 0, audit: "none" });
    expect(counts).toEqual([]);
  });
});
