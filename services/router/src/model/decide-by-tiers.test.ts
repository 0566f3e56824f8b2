import { createModel } from "@forerun/llm/model";
import type { Script } from "@forerun/testing/scripted-model/script";
import { startScriptedModel } from "@forerun/testing/scripted-model/server";
import { afterEach, describe, expect, it } from "vitest";
import { decideByTiers, type TieredDecision, type TieredQuestion } from "./decide-by-tiers.ts";
import { createModelCatalog } from "./model-catalog.ts";

const catalog = createModelCatalog([
  { name: "calculator", description: "Computes.", input_schema: { type: "object" } },
]);

const QUESTION: TieredQuestion = {
  text: "Is P equal to NP?",
  history: [],
  earlierCalls: [],
  candidates: ["calculator"],
  toolChoice: "auto",
  maxToolCalls: 8,
  maxModelCalls: 1,
  answerModelCalls: 1,
  now: "2026-01-02T03:04:05Z",
  timeZone: "UTC",
};

const ESCALATE = { json: { thought: "hard", action: "escalate" } };
const ANSWER = { json: { thought: "known", action: "answer", text: " Nobody knows. " } };
const CALL = { json: { action: "call", calls: [{ id: "c1", tool: "calculator", args: {} }] } };

const EARLIER = {
  callId: "c1",
  name: "calculator",
  arguments: {},
  result: { kind: "output", output: 2 },
} as const;

type Reply = Script["steps"][number]["reply"];
type Tiers = { small?: Reply; large?: Reply };

const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function modelThat(reply: Reply | undefined) {
  if (reply === undefined) return { model: undefined, asked: () => [] };
  const server = await startScriptedModel([{ match: { kind: "route" }, reply }]);
  const model = createModel({ url: server.url, key: undefined, model: "m", timeoutMs: 2_000 });
  opened.push(server, model);
  return { model, asked: () => server.log().map(({ request }) => JSON.stringify(request)) };
}

async function decide({ small, large }: Tiers, change: Partial<TieredQuestion> = {}) {
  const route = await modelThat(small);
  const escalate = await modelThat(large);
  const models = { route: route.model, escalate: escalate.model };
  const decisions: TieredDecision[] = [];
  const signal = new AbortController().signal;
  for await (const step of decideByTiers({ ...QUESTION, ...change }, catalog, models, signal)) {
    if (step.kind !== "closed") decisions.push(step);
  }
  expect(decisions).toHaveLength(1);
  return { decision: decisions[0], small: route.asked(), large: escalate.asked() };
}

describe("two tiers of models", () => {
  it("ask the small one alone where it decides", async () => {
    const { decision, small, large } = await decide({ small: CALL, large: ANSWER });
    expect(decision).toMatchObject({ tier: 1, action: "call", usage: { modelCalls: 1 } });
    expect(small[0]).toContain("escalate");
    expect(large).toEqual([]);
  });

  it("let the larger one answer where the small one hands over, in the call kept for the answer", async () => {
    const { decision, large } = await decide({ small: ESCALATE, large: ANSWER });
    expect(decision).toMatchObject({
      kind: "decided",
      tier: 2,
      action: "answer",
      text: "Nobody knows.",
      usage: { modelCalls: 2 },
    });
    expect(large[0]).toContain("There are no tools");
  });

  it("let the larger one call tools where another call is left for the answer", async () => {
    const { decision, large } = await decide({ small: ESCALATE, large: CALL }, { maxModelCalls: 2 });
    expect(decision).toMatchObject({ tier: 2, action: "call", calls: [{ name: "calculator" }] });
    expect(large[0]).toContain("calculator");
  });

  it("ask the larger one at once where there is no small one", async () => {
    const { decision } = await decide({ large: CALL });
    expect(decision).toMatchObject({ tier: 2, action: "call", usage: { modelCalls: 1 } });
  });

  it.each<[string, Tiers, Partial<TieredQuestion>]>([
    ["there is no larger model", { small: ESCALATE }, {}],
    ["the turn keeps no call for its answer", { small: ESCALATE, large: ANSWER }, { answerModelCalls: 0 }],
    ["there are results to answer from", { small: ESCALATE, large: ANSWER }, { earlierCalls: [EARLIER] }],
    ["a tool has to be called", { small: ESCALATE, large: ANSWER }, { toolChoice: "required" }],
  ])("offer no handover where %s", async (_what, tiers, change) => {
    const { decision, small, large } = await decide(tiers, change);
    expect(decision).toMatchObject({ kind: "unusable", tier: 1 });
    expect(small[0]).not.toContain("escalate");
    expect(large).toEqual([]);
  });

  it.each<Partial<TieredQuestion>>([{ answerModelCalls: 0 }, { earlierCalls: [EARLIER] }])(
    "keep the answer out of a decision where it is another's to write: %j",
    async (change) => {
      const { decision } = await decide({ large: ANSWER }, change);
      expect(decision).toMatchObject({ tier: 2, action: "answer", text: "" });
    },
  );

  it.each<[string, Reply, string]>([
    ["fails", { status: 500 }, "model_failed"],
    ["answers without a word", { json: { action: "answer" } }, "no_text"],
    ["calls a tool that it was not offered", CALL, "too_many_calls"],
  ])("count both calls when the larger one %s", async (_what, large, reason) => {
    const { decision } = await decide({ small: ESCALATE, large });
    expect(decision).toMatchObject({
      kind: "unusable",
      tier: 2,
      reason: expect.stringMatching(new RegExp(`^${reason}`)),
      usage: { modelCalls: 2 },
    });
  });

  it("make no call where there is no tool to choose", async () => {
    for (const change of [{ toolChoice: "none" }, { candidates: [] }, { maxToolCalls: 0 }] as const) {
      const { decision, small, large } = await decide({ small: CALL, large: ANSWER }, change);
      expect(decision).toMatchObject({ kind: "decided", action: "answer", usage: { modelCalls: 0 } });
      expect([...small, ...large]).toEqual([]);
    }
  });
});
