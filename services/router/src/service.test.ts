import { fromJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { ToolChoice } from "@forerun/contracts/forerun/common/v1/common_pb";
import { type RouteResponse, RouterService } from "@forerun/contracts/forerun/router/v1/router_pb";
import { Effect, ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { createModel } from "@forerun/llm/model";
import type { ModelFor } from "@forerun/llm/tier-models";
import { bind } from "@forerun/rpc/binding";
import { asCaller } from "@forerun/rpc/call-context";
import { createMeshClient } from "@forerun/rpc/client";
import { readError } from "@forerun/rpc/error-details";
import { createLocalTransport } from "@forerun/rpc/local";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { DisposalStack } from "@forerun/runtime/disposal";
import { silentLogger } from "@forerun/runtime/logger";
import type { Script } from "@forerun/testing/scripted-model/script";
import { startScriptedModel } from "@forerun/testing/scripted-model/server";
import { afterEach, describe, expect, it } from "vitest";
import { createRouter } from "./app.ts";
import { bookTable, builtIns } from "./tier0/fixtures.ts";
import type { JsonObject, ToolDefinition } from "./tier0/tool-definition.ts";

const options = asCaller(LOCAL_CALLER, { signal: new AbortController().signal });
const limits = { messages: "clone", maxMessageBytes: 4_194_304, log: silentLogger } as const;
const config = { maxToolCalls: 8, toolExecutorAddress: undefined, calibrationFile: "no/such/file.json" };
let opened = new DisposalStack();

afterEach(async () => {
  await opened[Symbol.asyncDispose]();
  opened = new DisposalStack();
});

const EFFECTS = { pure: Effect.PURE, read: Effect.READ, write: Effect.WRITE } as const;

/** An executor that offers these tools until its watcher leaves. */
function executorOf(tools: readonly ToolDefinition[]) {
  return bind(ToolService, {
    async *watchTools(_, ctx) {
      yield {
        version: "v1",
        tools: tools.map(({ name, description, input_schema, effect, examples }) => ({
          name,
          description,
          inputSchema: input_schema,
          hash: `hash of ${name}`,
          effect: EFFECTS[effect ?? "write"],
          examples: (examples ?? []).map((example) => ({ text: example.text, arguments: example.arguments })),
        })),
      };
      await new Promise<void>((resolve) =>
        ctx.signal.addEventListener("abort", () => resolve(), { once: true }),
      );
    },
  });
}

async function routerWith(tools: readonly ToolDefinition[], steps?: Script["steps"]) {
  const executor = createMeshClient(ToolService, createLocalTransport([executorOf(tools)], limits));
  let modelFor: ModelFor | undefined;
  if (steps) {
    const server = opened.use(await startScriptedModel(steps));
    const model = opened.use(
      createModel({ url: server.url, key: undefined, model: "small", timeoutMs: 2_000 }),
    );
    modelFor = () => model;
  }
  const router = opened.use(await createRouter(config, { tools: executor, log: silentLogger, modelFor }));
  return createClient(RouterService, createLocalTransport(router.bindings, limits));
}

type Events = { drafts: string[]; decision: NonNullable<Decided["decision"]>; usage: Decided["usage"] };
type Decided = Extract<RouteResponse["event"], { case: "decided" }>["value"];

async function collect(stream: AsyncIterable<RouteResponse>): Promise<Events> {
  const drafts: string[] = [];
  let decided: Decided | undefined;
  for await (const { event } of stream) {
    expect(decided).toBeUndefined();
    if (event.case === "draft") drafts.push(event.value.call?.name ?? "");
    else if (event.case === "decided") decided = event.value;
  }
  if (!decided?.decision) throw new Error("no decision came");
  return { drafts, decision: decided.decision, usage: decided.usage };
}

describe("routing without a model", () => {
  it("is decided by tier 0 at once, without drafts and without a model call", async () => {
    const client = await routerWith(builtIns);
    const { drafts, decision, usage } = await collect(
      client.route({ text: "17% of 2400, and what time is it in Oslo?" }, options),
    );
    expect(drafts).toEqual([]);
    expect(decision).toMatchObject({ action: "call", tier: 0, fallbackReason: "" });
    expect(decision.calls.map(({ callId, name }) => [callId, name])).toEqual([
      ["c1", "calculator"],
      ["c2", "current_time"],
    ]);
    expect(decision.calls.map(({ toolHash }) => toolHash)).toEqual([
      "hash of calculator",
      "hash of current_time",
    ]);
    expect(usage?.modelCalls).toBe(0);
  });

  it("keeps to the allowed tools, to the number of calls, and to no tools at all", async () => {
    const client = await routerWith(builtIns);
    const text = "17% of 2400, and what time is it in Oslo?";
    const some = await collect(client.route({ text, allowedTools: ["current_time", "unknown"] }, options));
    expect(some.decision.calls.map(({ name }) => name)).toEqual(["current_time"]);
    const one = await collect(client.route({ text, maxToolCalls: 1 }, options));
    expect(one.decision.calls).toHaveLength(1);
    const none = await collect(client.route({ text, toolChoice: ToolChoice.NONE }, options));
    expect(none).toMatchObject({ drafts: [], decision: { action: "answer", calls: [] } });
  });

  it("refuses when a tool is required and no allowed one exists", async () => {
    const client = await routerWith(builtIns);
    const asked = { text: "hi", toolChoice: ToolChoice.REQUIRED, allowedTools: ["unknown"] };
    expect((await collect(client.route(asked, options))).decision).toMatchObject({ action: "refuse" });
  });

  it("takes the user's clock", async () => {
    const client = await routerWith(builtIns);
    const asked = { text: "weather in Oslo tomorrow", now: "2030-12-31T20:00:00Z", timeZone: "Asia/Tokyo" };
    expect((await collect(client.route(asked, options))).decision.calls[0]?.arguments).toEqual({
      place: "Oslo",
      date: "2031-01-02",
    });
  });

  it.each([{ now: "yesterday" }, { timeZone: "Mars/Base" }])(
    "refuses a clock that is none: %j",
    async (clock) => {
      const client = await routerWith(builtIns);
      const fault = await collect(client.route({ text: "hi", ...clock }, options)).catch(
        (error: unknown) => error,
      );
      expect(readError(fault)).toMatchObject({ code: "FR-E1301" });
    },
  );

  it("does not start what writes on doubtful arguments", async () => {
    const client = await routerWith([bookTable]);
    expect((await collect(client.route({ text: "book me a table" }, options))).decision.calls).toEqual([]);
  });
});

describe("routing with a model", () => {
  const reply = (json: JsonObject): Script["steps"] => [{ match: { kind: "route" }, reply: { json } }];
  const time = { id: "c1", tool: "current_time", args: { time_zone: "Europe/Oslo" } };

  it("follows the model and counts its call; tier 0's drafts still come first", async () => {
    const client = await routerWith(builtIns, reply({ thought: "t", action: "call", calls: [time] }));
    const { drafts, decision, usage } = await collect(
      client.route({ text: "17% of 2400", maxModelCalls: 2 }, options),
    );
    expect(drafts).toEqual(["calculator"]);
    expect(decision).toMatchObject({
      action: "call",
      tier: 1,
      fallbackReason: "",
      calls: [{ name: "current_time" }],
    });
    expect(usage?.modelCalls).toBe(1);
  });

  it("asks no model when none may be asked", async () => {
    const client = await routerWith(builtIns, []);
    const { decision } = await collect(client.route({ text: "17% of 2400", maxModelCalls: 0 }, options));
    expect(decision).toMatchObject({ tier: 0, calls: [{ name: "calculator" }] });
  });

  it("falls back to tier 0's calls when the decision is off schema, and says why", async () => {
    const off = reply({ thought: "t", action: "call", calls: [{ id: "c1", tool: "teleport", args: {} }] });
    const client = await routerWith(builtIns, off);
    const { decision } = await collect(client.route({ text: "17% of 2400", maxModelCalls: 2 }, options));
    expect(decision).toMatchObject({ action: "call", tier: 0, calls: [{ name: "calculator" }] });
    expect(decision.fallbackReason).toMatch(/^unknown_tool/);
  });

  it("asks back when tier 0 knows no better", async () => {
    const client = await routerWith(builtIns, [
      { match: { kind: "route" }, reply: { text: "no JSON at all" } },
    ]);
    const { decision } = await collect(
      client.route({ text: "hmm, the usual one", maxModelCalls: 2 }, options),
    );
    expect(decision).toMatchObject({ action: "clarify", tier: 0 });
    expect(decision.text).not.toBe("");
    expect(decision.fallbackReason).not.toBe("");
  });

  it("answers as without a model when the model fails altogether", async () => {
    const client = await routerWith(builtIns, [{ match: { kind: "route" }, reply: { status: 500 } }]);
    const { decision } = await collect(client.route({ text: "tell me a joke", maxModelCalls: 2 }, options));
    expect(decision).toMatchObject({ action: "answer", tier: 0 });
    expect(decision.fallbackReason).toMatch(/^model_failed/);
  });

  describe("in a later round", () => {
    const earlierCalls = [
      {
        call: { callId: "c1", name: "geocode", arguments: { place: "Oslo" } },
        output: fromJson(ValueSchema, { time_zone: "Europe/Oslo" }),
      },
      { call: { callId: "c2", name: "calculator" }, errorMessage: "no expression" },
    ];
    const later = { text: "17% of 2400, and the time in Oslo?", maxModelCalls: 2, earlierCalls };

    it("shows the model what was called and what came of it, and drafts nothing", async () => {
      const using = { id: "c3", tool: "current_time", args: { time_zone: "$c1.time_zone" } };
      const steps: Script["steps"] = [
        {
          match: {
            kind: "route",
            contains: 'c1 gave {"time_zone":"Europe/Oslo"}\nc2 failed: "no expression"',
          },
          reply: { json: { thought: "t", action: "call", calls: [using] } },
        },
      ];
      const client = await routerWith(builtIns, steps);
      const { drafts, decision } = await collect(client.route(later, options));
      expect(drafts).toEqual([]);
      expect(decision.calls).toMatchObject([
        { callId: "c3", dependsOn: ["c1"], arguments: { time_zone: "$c1.time_zone" } },
      ]);
    });

    it.each<[string, Script["steps"][number]["reply"]]>([
      ["writes no decision", { text: "no JSON" }],
      ["fails", { status: 500 }],
    ])("answers from the results when the model %s", async (_what, broken) => {
      const client = await routerWith(builtIns, [{ match: { kind: "route" }, reply: broken }]);
      const { decision } = await collect(client.route(later, options));
      expect(decision).toMatchObject({ action: "answer", calls: [], tier: 0, text: "" });
      expect(decision.fallbackReason).not.toBe("");
    });
  });
});
