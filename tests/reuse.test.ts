/** The same question again: a scripted model counts its calls, and a tool's back end the runs of the tool. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Stack, startStack } from "@forerun/cli/stack";
import type { TurnEvent } from "@forerun/contracts/forerun/chat/v1/event_pb";
import { type Turn, TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { valuesOf } from "@forerun/rpc/call-context";
import { type Caller, LOCAL_CALLER } from "@forerun/runtime/caller";
import { DisposalStack } from "@forerun/runtime/disposal";
import type { Script } from "@forerun/testing/scripted-model/script";
import { type ScriptedModel, startScriptedModel } from "@forerun/testing/scripted-model/server";
import { json, startHttp } from "@forerun/tool-executor/fixtures/open-meteo";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { scenario } from "./support/scenario.ts";
import { scratchFolder } from "./support/scratch-folder.ts";

const OTHER_TENANT: Caller = { ...LOCAL_CALLER, tenant: "other" };
const QUESTION = "How many copies of widget 7 are in the store?";

/** A tool whose back end is a server of the test. */
const tool = (url: string) => `export default {
  name: "copies_in_store",
  description: "Counts the copies of a widget in the store.",
  effect: "read",
  input: { type: "object", properties: { widget: { type: "integer" } }, required: ["widget"] },
  output: { type: "object" },
  examples: [
    { text: "how many copies of widget 3 are in the store?", arguments: { widget: 3 } },
    { text: "copies of widget 12 in the store", arguments: { widget: 12 } },
  ],
  timeoutMs: 5000,
  cacheTtlMs: 60000,
  run: async ({ widget }) => (await fetch("${url}/" + widget)).json(),
};`;

const STEPS: Script["steps"] = [
  {
    match: { kind: "route", contains: QUESTION },
    reply: {
      json: {
        thought: "a count",
        action: "call",
        calls: [{ id: "c1", tool: "copies_in_store", args: { widget: 7 } }],
      },
    },
    first_token_ms: 150,
    times: 2,
  },
  { match: { kind: "answer", contains: QUESTION }, reply: { text: "There are 12 of them." }, times: 2 },
];

describe("the same question again", () => {
  const opened = new DisposalStack();
  let stack: Stack;
  let model: ScriptedModel;
  let store: Awaited<ReturnType<typeof startHttp>>;

  beforeAll(async () => {
    model = opened.use(await startScriptedModel(STEPS));
    store = opened.use(await startHttp(json({ copies: 12 })));
    const folder = opened.use(await scratchFolder()).path;
    const tools = join(folder, "tools");
    mkdirSync(tools);
    writeFileSync(join(tools, "copies.js"), tool(store.url));
    stack = opened.use(
      await startStack({
        DATA_DIR: join(folder, "data"),
        TOOLS_DIR: tools,
        LOG_LEVEL: "error",
        MODEL_URL: model.url,
        MODEL: "large",
        ROUTE_MODEL: "small",
      }),
    );
  }, 60_000);

  afterAll(() => opened[Symbol.asyncDispose]());

  async function ask(caller: Caller) {
    const events: TurnEvent["event"][] = [];
    const before = { model: model.log().length, tool: store.urls.length };
    const stream = stack.chat.chat(
      { input: { text: QUESTION } },
      { contextValues: valuesOf(caller, undefined) },
    );
    for await (const { event } of stream) if (event) events.push(event.event);
    const hits = events.flatMap((event) => (event.case === "cacheHit" ? [event.value] : []));
    return {
      turn: endOf(events),
      hits,
      modelCalls: model.log().length - before.model,
      toolRuns: store.urls.length - before.tool,
    };
  }

  scenario("reuse.same-question", async () => {
    const first = await ask(LOCAL_CALLER);
    expect(first).toMatchObject({ modelCalls: 2, toolRuns: 1, hits: [] });
    const second = await ask(LOCAL_CALLER);
    expect(second).toMatchObject({ modelCalls: 0, toolRuns: 0 });
    expect(second.turn).toMatchObject({ state: TurnState.COMPLETED, text: first.turn.text });
    expect(second.turn.usage?.modelCalls).toBe(0);
    expect(second.turn.toolCalls).toMatchObject([{ reused: { layer: "l1" } }]);
    expect(second.hits.map(({ kind, layer }) => `${kind} ${layer}`).sort()).toEqual([
      "answer l1",
      "route l1",
      "tool l1",
    ]);
    expect(second.hits.find(({ kind }) => kind === "tool")?.callId).toBe(
      second.turn.toolCalls[0]?.call?.callId,
    );
  });

  scenario("reuse.tenants", async () => {
    const other = await ask(OTHER_TENANT);
    expect(other).toMatchObject({ modelCalls: 2, toolRuns: 1, hits: [] });
    expect(other.turn).toMatchObject({ state: TurnState.COMPLETED, text: "There are 12 of them." });
    expect(model.unused()).toEqual([]);
    expect(model.log().filter(({ unexpected }) => unexpected)).toEqual([]);
  });
});

function endOf(events: readonly TurnEvent["event"][]): Turn {
  const last = events.at(-1);
  if (last?.case !== "turnCompleted" || !last.value.turn) throw new Error(`ended with ${last?.case}`);
  return last.value.turn;
}
