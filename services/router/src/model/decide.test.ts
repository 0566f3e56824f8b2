import { createModel } from "@forerun/llm/model";
import type { Script } from "@forerun/testing/scripted-model/script";
import { type ScriptedModel, startScriptedModel } from "@forerun/testing/scripted-model/server";
import { afterEach, describe, expect, it } from "vitest";
import type { ToolDefinition } from "../tier0/tool-definition.ts";
import { decideByModel, OFFERED_TOOLS } from "./decide.ts";
import { createModelCatalog } from "./model-catalog.ts";
import type { ModelDecision } from "./model-decision.ts";
import type { RouteQuestion } from "./route-question.ts";

const calculator: ToolDefinition = {
  name: "calculator",
  description: "Computes an expression.",
  input_schema: {
    type: "object",
    properties: { expression: { type: "string", minLength: 1 } },
    required: ["expression"],
    additionalProperties: false,
  },
  examples: [{ text: "17% of 2400", arguments: { expression: "17% of 2400" } }],
};

const getWeather: ToolDefinition = {
  name: "get_weather",
  description: "Weather at a place.",
  input_schema: {
    type: "object",
    properties: { place: { type: "string" }, latitude: { type: "number" }, longitude: { type: "number" } },
  },
};

const QUESTION: RouteQuestion = {
  text: "17% of 2400?",
  history: [],
  earlierCalls: [],
  mayEscalate: false,
  carriesAnswer: false,
  candidates: ["calculator", "get_weather"],
  toolChoice: "auto",
  maxToolCalls: 8,
  now: "2026-01-02T03:04:05Z",
  timeZone: "Europe/Oslo",
};

type Reply = Script["steps"][number]["reply"];
type Outcome = { decision: ModelDecision; closed: string[]; server: ScriptedModel };

const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function decide(
  reply: Reply,
  change: Partial<RouteQuestion> = {},
  tools: readonly ToolDefinition[] = [calculator, getWeather],
  tokenMs = 0,
): Promise<Outcome> {
  const server = await startScriptedModel([{ match: { kind: "route" }, reply, token_ms: tokenMs }]);
  const model = createModel({ url: server.url, key: undefined, model: "small", timeoutMs: 500 });
  opened.push(server, model);
  const question = { ...QUESTION, ...change };
  const signal = new AbortController().signal;
  const closed: string[] = [];
  for await (const step of decideByModel(question, createModelCatalog(tools), { model }, signal)) {
    if (step.kind !== "closed") return { decision: step, closed, server };
    closed.push(step.call.name);
  }
  throw new Error("no decision came");
}

function calling(...calls: { tool: string; args?: Record<string, string | number>; id?: string }[]): Reply {
  return { json: { thought: "t", action: "call", calls } };
}

function waits(id: string, source: string) {
  return { id, tool: "get_weather", args: { latitude: `$${source}.value` } };
}

function waiting(id: string, source: string): Reply {
  return calling(waits(id, source));
}

const sum = { id: "c1", tool: "calculator", args: { expression: "1+1" } };

describe("a decision by the model", () => {
  it("takes the calls whose tools and arguments are right, and counts one model call", async () => {
    const { decision, server } = await decide(
      calling(sum, { id: "c2", tool: "get_weather", args: { place: "Oslo" } }),
    );
    expect(decision).toMatchObject({
      kind: "decided",
      action: "call",
      calls: [
        { callId: "c1", name: "calculator", arguments: { expression: "1+1" }, dependsOn: [] },
        { callId: "c2", name: "get_weather", arguments: { place: "Oslo" }, dependsOn: [] },
      ],
      refusals: [],
      usage: { modelCalls: 1 },
    });
    expect(decision.usage.inputTokens).toBeGreaterThan(0);
    expect(server.log()).toHaveLength(1);
  });

  it.each([
    [
      { action: "answer", text: "ignored" },
      { action: "answer", text: "", calls: [] },
    ],
    [
      { action: "clarify", text: " Which city? " },
      { action: "clarify", text: "Which city?" },
    ],
    [
      { action: "refuse", text: "No." },
      { action: "refuse", text: "No." },
    ],
  ])("%j is taken as it is", async (json, expected) => {
    expect((await decide({ json })).decision).toMatchObject({ kind: "decided", ...expected });
  });

  it.each<[string, Reply, string, Partial<RouteQuestion>]>([
    ["an unknown tool", calling({ tool: "teleport" }), "unknown_tool", {}],
    ["a tool that is not allowed", calling(sum), "unknown_tool", { candidates: ["get_weather"] }],
    ["a missing argument", calling({ tool: "calculator", args: {} }), "invalid_arguments", {}],
    [
      "an argument of another type",
      calling({ tool: "calculator", args: { expression: 7 } }),
      "invalid_arguments",
      {},
    ],
    [
      "an argument that is not known",
      calling({ ...sum, args: { expression: "1", x: 1 } }),
      "invalid_arguments",
      {},
    ],
    ["no calls", calling(), "no_calls", {}],
    ["a call that waits for itself", waiting("c1", "c1"), "bad_reference", {}],
    ["a call that waits for nothing", waiting("c1", "c9"), "bad_reference", {}],
    ["a handover that is not offered", { json: { action: "escalate" } }, "off_schema", {}],
    ["no question to ask back", { json: { action: "clarify" } }, "no_text", {}],
    [
      "an answer where a tool is required",
      { json: { action: "answer" } },
      "tool_required",
      { toolChoice: "required" },
    ],
    ["prose", { text: "Let me call the calculator." }, "malformed_json", {}],
    ["another shape", { json: { action: "dance" } }, "off_schema", {}],
    ["a refusing endpoint", { status: 429 }, "model_failed: FR-E1503", {}],
    ["a failing endpoint", { status: 500 }, "model_failed: FR-E1504", {}],
    ["a silent endpoint", { hang: "headers" }, "model_failed: FR-E1505", {}],
    ["half an answer", { half: "{}" }, "model_failed: FR-E15", {}],
  ])("is unusable with %s, for a stated reason", async (_, reply, cause, change) => {
    const { decision } = await decide(reply, change);
    expect(decision).toMatchObject({ kind: "unusable", usage: { modelCalls: 1 } });
    expect(decision).toMatchObject({ reason: expect.stringMatching(new RegExp(`^${cause}`)) });
  });

  it("keeps the good calls and names the others", async () => {
    const { decision } = await decide(calling({ tool: "teleport" }, sum, { tool: "calculator" }));
    expect(decision).toMatchObject({
      calls: [{ callId: "c2", name: "calculator" }],
      refusals: [
        'unknown_tool: there is no tool "teleport"',
        expect.stringMatching(/^invalid_arguments: calculator: .*expression/),
      ],
    });
  });

  it("cuts 200 calls to the limit and says so", async () => {
    const many = Array.from({ length: 200 }, (_, index) => ({
      tool: "calculator",
      args: { expression: `${index}` },
    }));
    const { decision } = await decide(calling(...many));
    if (decision.kind !== "decided") throw new Error(decision.kind);
    expect(decision.calls.map(({ callId }) => callId)).toEqual([
      "c1",
      "c2",
      "c3",
      "c4",
      "c5",
      "c6",
      "c7",
      "c8",
    ]);
    expect(decision.refusals).toEqual(["too_many_calls: 200 were asked for, the first 8 are taken"]);
  });

  it("makes equal calls one", async () => {
    const place = { latitude: 1, longitude: 2 };
    const { decision } = await decide(
      calling(
        { tool: "get_weather", args: place },
        { tool: "get_weather", args: { longitude: 2, latitude: 1 } },
      ),
    );
    expect(decision).toMatchObject({ calls: [{ arguments: place }] });
  });

  it("marks calls that refer to others and leaves them as they are written", async () => {
    const args = { latitude: "$c1.places[0].latitude", place: "$$5" };
    const { decision } = await decide(calling(sum, { id: "c2", tool: "get_weather", args }));
    expect(decision).toMatchObject({ calls: [{}, { callId: "c2", arguments: args, dependsOn: ["c1"] }] });
  });

  it("takes $$ for a literal dollar in calls that refer to none", async () => {
    const { decision } = await decide(calling({ ...sum, args: { expression: "$$5 + $$c1" } }));
    expect(decision).toMatchObject({ calls: [{ arguments: { expression: "$5 + $$c1" }, dependsOn: [] }] });
  });

  it("leaves out a cycle and what hangs on it, and says why", async () => {
    const cycle = [waits("c2", "c3"), waits("c3", "c2"), waits("c4", "c1")];
    const { decision } = await decide(calling(sum, ...cycle));
    expect(decision).toMatchObject({
      calls: [{ callId: "c1" }, { callId: "c4" }],
      refusals: [
        "bad_reference: get_weather: c3 is no call before it that may run",
        "bad_reference: get_weather: c2 is no call before it that may run",
      ],
    });
  });

  it("lets calls refer to those of earlier rounds", async () => {
    const earlierCalls = [
      { callId: "c1", name: "calculator", arguments: {}, result: { kind: "output" as const, output: 2 } },
    ];
    const { decision } = await decide(calling(waits("c2", "c1")), { earlierCalls });
    expect(decision).toMatchObject({ calls: [{ callId: "c2", dependsOn: ["c1"] }] });
  });

  it("tells of each call that may start as soon as the model has written it", async () => {
    const { decision, closed } = await decide(
      calling(
        sum,
        { id: "c2", tool: "teleport" },
        { id: "c3", tool: "calculator", args: { expression: "$c1.value" } },
        { id: "c4", tool: "get_weather", args: { place: "Oslo" } },
      ),
      {},
      [calculator, getWeather],
      1,
    );
    expect(closed).toEqual(["calculator", "get_weather"]);
    expect(decision).toMatchObject({ kind: "decided", calls: [{ callId: "c1" }, {}, {}] });
  });

  it("has told of calls that it then does not decide for, when the model breaks off", async () => {
    const text = JSON.stringify({ action: "call", calls: [sum, sum, sum] });
    const { decision, closed } = await decide({ half: { text, at: 0.7 } });
    expect(closed).toEqual(["calculator"]);
    expect(decision).toMatchObject({ kind: "unusable", reason: expect.stringMatching(/^model_failed/) });
  });

  it("throws the caller's reason when it leaves", async () => {
    const server = await startScriptedModel([{ match: { kind: "route" }, reply: { hang: "headers" } }]);
    const model = createModel({ url: server.url, key: undefined, model: "small", timeoutMs: 5_000 });
    opened.push(server, model);
    const caller = new AbortController();
    const decision = decideByModel(
      QUESTION,
      createModelCatalog([calculator]),
      { model },
      caller.signal,
    ).next();
    await expect.poll(() => server.log().length).toBe(1);
    const reason = new Error("gone");
    caller.abort(reason);
    await expect(decision).rejects.toBe(reason);
    await server.settled();
  });
});

type Sent = {
  messages: { role: string; content: string }[];
  response_format: {
    json_schema: { schema: { properties: Record<string, { enum?: string[]; items?: object }> } };
  };
};

describe("what the model is asked", () => {
  async function sent(change: Partial<RouteQuestion>, tools?: readonly ToolDefinition[]): Promise<Sent> {
    const { server } = await decide({ json: { action: "answer" } }, change, tools);
    return server.log()[0]?.request as Sent;
  }

  it("holds instructions, tools with their arguments, the time, the history and the message", async () => {
    const history = [
      { role: "user" as const, content: "hi" },
      { role: "assistant" as const, content: "hello" },
    ];
    const { messages } = await sent({ history });
    expect(messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user"]);
    const system = messages[0]?.content ?? "";
    for (const part of [
      "calculator: Computes",
      "{expression: string}",
      "17% of 2400",
      "2026-01-02",
      "Europe/Oslo",
    ]) {
      expect(system).toContain(part);
    }
    expect(messages.at(-1)?.content).toBe(QUESTION.text);
  });

  it("begins alike for every message, so that endpoints can reuse it", async () => {
    const one = await sent({ text: "a", candidates: ["get_weather", "calculator"] });
    const other = await sent({
      text: "b",
      candidates: ["calculator", "get_weather"],
      now: "2027-01-01T00:00:00Z",
    });
    const [first, second] = [one, other].map(({ messages }) => messages[0]?.content.split("Now:")[0]);
    expect(first).toBe(second);
    expect(first?.length).toBeGreaterThan(500);
  });

  it("offers the likeliest few of many tools, in text and schema", async () => {
    const many = Array.from({ length: 50 }, (_, index) => ({
      ...calculator,
      name: `tool_${index}`,
      examples: [],
    }));
    const candidates = many.map(({ name }) => name).reverse();
    const { messages, response_format } = await sent({ candidates }, many);
    const offered = messages[0]?.content.match(/^- tool_\d+/gm) ?? [];
    expect(offered).toHaveLength(OFFERED_TOOLS);
    expect(offered).toContain("- tool_49");
    const { properties } = response_format.json_schema.schema;
    expect(JSON.stringify(properties.calls)).toContain('"tool_49"');
    expect(JSON.stringify(properties.calls)).not.toContain('"tool_1"');
  });

  it("leaves no other action than a call or a question where a tool is required", async () => {
    const { messages, response_format } = await sent({ toolChoice: "required" });
    expect(response_format.json_schema.schema.properties.action?.enum).toEqual(["call", "clarify"]);
    expect(messages[0]?.content).toContain("must be called");
  });

  it("leaves out old messages that do not fit", async () => {
    const history = Array.from({ length: 30 }, (_, index) => ({
      role: "user" as const,
      content: `${index} ${"x".repeat(1_500)}`,
    }));
    const { messages } = await sent({ history });
    expect(messages.slice(1, -1).map(({ content }) => content.split(" ")[0])).toEqual([
      "25",
      "26",
      "27",
      "28",
      "29",
    ]);
  });
});
