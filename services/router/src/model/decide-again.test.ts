/** The same question to the same model a moment later. */
import { openCache } from "@forerun/cache/open-cache";
import { createModel } from "@forerun/llm/model";
import { ReplyMemory } from "@forerun/llm/reply-memory";
import { type Caller, LOCAL_CALLER } from "@forerun/runtime/caller";
import type { Script } from "@forerun/testing/scripted-model/script";
import { startScriptedModel } from "@forerun/testing/scripted-model/server";
import { metrics } from "@opentelemetry/api";
import { afterEach, describe, expect, it } from "vitest";
import type { ToolDefinition } from "../tier0/tool-definition.ts";
import { decideByModel } from "./decide.ts";
import { createModelCatalog } from "./model-catalog.ts";
import type { RouteQuestion } from "./route-question.ts";

const OTHER_TENANT: Caller = { ...LOCAL_CALLER, tenant: "other" };

const tool = (name: string, effect: ToolDefinition["effect"]): ToolDefinition => ({
  name,
  description: `Does ${name}.`,
  input_schema: { type: "object" },
  ...(effect && { effect }),
});
const TOOLS = [
  tool("look_up", "read"),
  tool("remind", "write"),
  { ...tool("unsaid", "read"), effect: "write" as const },
];

const QUESTION: RouteQuestion = {
  text: "What is it?",
  history: [],
  earlierCalls: [],
  mayEscalate: false,
  carriesAnswer: false,
  candidates: TOOLS.map(({ name }) => name),
  toolChoice: "auto",
  maxToolCalls: 8,
  now: "2026-01-02T03:04:05.006Z",
  timeZone: "Europe/Oslo",
};
const LATER: Partial<RouteQuestion> = { now: "2026-01-02T03:04:30.000Z" };

type Reply = Script["steps"][number]["reply"];
const calling = (...names: string[]): Reply => ({
  json: { thought: "t", action: "call", calls: names.map((name) => ({ tool: name, args: {} })) },
});

const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

/** A model that always replies alike, and decisions by it that are remembered. */
async function remembering(reply: Reply) {
  const server = await startScriptedModel([{ match: { kind: "route" }, reply, times: 9 }]);
  const model = createModel({ url: server.url, key: undefined, model: "small", timeoutMs: 500 });
  const cache = openCache({ meter: metrics.getMeter("test") });
  opened.push(server, model, cache);
  const memory = new ReplyMemory(cache, "route", 60_000);
  const decide = async (change: Partial<RouteQuestion> = {}, caller = LOCAL_CALLER) => {
    const asked = { model, replies: memory.slotsOf(caller) };
    const steps = decideByModel(
      { ...QUESTION, ...change },
      createModelCatalog(TOOLS),
      asked,
      new AbortController().signal,
    );
    for await (const step of steps) if (step.kind !== "closed") return step;
    throw new Error("no decision came");
  };
  return { decide, asked: () => server.log().length };
}

describe("the same question again", () => {
  it("is decided as before without a model call, and says so", async () => {
    const { decide, asked } = await remembering(calling("look_up"));
    const first = await decide();
    expect(first).not.toHaveProperty("reused");
    const second = await decide(LATER);
    expect(second).toMatchObject({
      kind: "decided",
      calls: [{ name: "look_up" }],
      usage: { modelCalls: 0 },
      reused: { layer: "l1" },
    });
    expect(asked()).toBe(1);
  });

  it.each<[string, Partial<RouteQuestion>, Caller]>([
    ["of another tenant", {}, OTHER_TENANT],
    ["in other words", { text: "What is that?" }, LOCAL_CALLER],
    ["after other messages", { history: [{ role: "user", content: "Hello" }] }, LOCAL_CALLER],
    ["with other tools", { candidates: ["look_up"] }, LOCAL_CALLER],
    ["on the next day", { now: "2026-01-03T03:04:05Z" }, LOCAL_CALLER],
    ["in the next round", { earlierCalls: [earlier()] }, LOCAL_CALLER],
  ])("%s is another question", async (_what, change, caller) => {
    const { decide, asked } = await remembering(calling("look_up"));
    await decide();
    expect(await decide(change, caller)).not.toHaveProperty("reused");
    expect(asked()).toBe(2);
  });

  it.each<[string, Reply]>([
    ["was no JSON", { text: "I think so" }],
    ["named an unknown tool", calling("teleport")],
    ["was cut by the token limit", { text: '{"thought":"t","action":"answer"}', finish_reason: "length" }],
    ["asks for a tool that changes something", calling("look_up", "remind")],
  ])("is asked anew when the decision %s", async (_what, reply) => {
    const { decide, asked } = await remembering(reply);
    await decide();
    await decide();
    expect(asked()).toBe(2);
  });
});

function earlier(): RouteQuestion["earlierCalls"][number] {
  return { callId: "c1", name: "look_up", arguments: {}, result: { kind: "output", output: 1 } };
}
