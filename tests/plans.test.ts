/** Decisions of several steps, over real sockets: a scripted model decides, and local servers stand for the weather. */
import type { TurnEvent } from "@forerun/contracts/forerun/chat/v1/event_pb";
import { type Turn, TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { Outcome } from "@forerun/contracts/forerun/common/v1/common_pb";
import { DisposalStack } from "@forerun/runtime/disposal";
import type { Script } from "@forerun/testing/scripted-model/script";
import { type ScriptedModel, startScriptedModel } from "@forerun/testing/scripted-model/server";
import { FORECAST, json, PLACES, startHttp } from "@forerun/tool-executor/fixtures/open-meteo";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { allEvents, type ChatClient, grpcChatClient } from "./support/chat-client.ts";
import { startForerun } from "./support/forerun-process.ts";
import { scenario } from "./support/scenario.ts";

type Step = Script["steps"][number];
type Limits = { maxModelCalls?: number; maxToolCalls?: number };

const IN_ORDER = "Find Oslo's coordinates and get the forecast there.";
const REFUSED = "Tell me something.";
const FAILING = "Do four things at once.";
const IN_ROUNDS = "Where is Oslo, and what does the clock say there?";

const GEOCODE = { id: "c1", tool: "geocode", args: { place: "Oslo" } };

function calculate(id: string, args: Record<string, string | number>) {
  return { id, tool: "calculator", args };
}

function deciding(
  contains: string,
  ...calls: { id: string; tool: string; args: Record<string, string | number> }[]
): Step {
  const decision = { thought: "steps", action: "call", calls };
  return { match: { kind: "route", contains }, reply: { json: decision } };
}

function answering(contains: string): Step {
  return { match: { kind: "answer", contains }, reply: { text: "So it is." } };
}

const SCRIPT: Step[] = [
  deciding(IN_ORDER, GEOCODE, {
    id: "c2",
    tool: "get_weather",
    args: { latitude: "$c1.latitude", longitude: "$c1.longitude" },
  }),
  answering(IN_ORDER),
  deciding(
    REFUSED,
    { id: "c1", tool: "teleport", args: {} },
    calculate("c2", { expression: "$c3.value" }),
    calculate("c3", { expression: "$c2.value" }),
    calculate("c4", { expression: "$c99.value" }),
    calculate("c5", { wrong: 1 }),
    ...Array.from({ length: 195 }, (_, at) => calculate(`c${at + 6}`, { expression: `${at}+1` })),
  ),
  answering(REFUSED),
  deciding(
    FAILING,
    GEOCODE,
    calculate("c2", { expression: "$c1.nothing" }),
    calculate("c3", { expression: "6*7" }),
    // A number, where the tool takes a text: known only once it is bound.
    calculate("c4", { expression: "$c1.latitude" }),
  ),
  answering(FAILING),
  deciding(IN_ROUNDS, GEOCODE),
  deciding("Europe/Oslo", { id: "c2", tool: "current_time", args: { time_zone: "$c1.time_zone" } }),
  { match: { kind: "route", contains: IN_ROUNDS }, reply: { json: { thought: "done", action: "answer" } } },
  answering(IN_ROUNDS),
];

describe("a decision of several steps", () => {
  const opened = new DisposalStack();
  let chat: ChatClient;
  let model: ScriptedModel;
  let weather: Awaited<ReturnType<typeof startHttp>>;

  beforeAll(async () => {
    model = opened.use(await startScriptedModel(SCRIPT));
    weather = opened.use(await startHttp(json(FORECAST)));
    const geocoding = opened.use(await startHttp(json(PLACES)));
    const forerun = opened.use(
      await startForerun({
        MODEL_URL: model.url,
        MODEL: "large",
        GEOCODING_URL: geocoding.url,
        OPEN_METEO_URL: weather.url,
      }),
    );
    chat = grpcChatClient(forerun.ready.grpc);
  });
  afterAll(async () => {
    await opened[Symbol.asyncDispose]();
    expect(model.unused()).toEqual([]);
    expect(model.log().filter(({ unexpected }) => unexpected)).toEqual([]);
  });

  /** The turn as it ended, what was said of it, and what the model was asked for it. */
  async function ask(text: string, limits: Limits = {}) {
    const before = model.log().length;
    const events = await allEvents(chat.chat({ input: { text, limits } }));
    return { turn: endOf(events), events, asked: model.log().slice(before) };
  }

  scenario("plan.references", async () => {
    const { turn, events } = await ask(IN_ORDER);
    expect(turn).toMatchObject({ state: TurnState.COMPLETED, text: "So it is." });
    const [dependent, ...others] = turn.toolCalls.filter(({ call }) => call?.dependsOn.length);
    expect(others).toEqual([]);
    expect(dependent).toMatchObject({
      outcome: Outcome.COMMITTED,
      call: { name: "get_weather", arguments: { latitude: 59.91273, longitude: 10.74609 } },
    });
    expect(weather.urls.map(({ searchParams }) => searchParams.get("latitude"))).toContain("59.91273");
    const told = events.map(({ event }) => event.case);
    expect(told).toContain("planCreated");
    expect(told.indexOf("toolCallOutput")).toBeLessThan(told.lastIndexOf("toolCallStarted"));
  });

  scenario("plan.refused", async () => {
    const { turn } = await ask(REFUSED, { maxToolCalls: 6 });
    expect(turn.state).toBe(TurnState.COMPLETED);
    expect(turn.toolCalls.map(({ call }) => call?.arguments)).toEqual([{ expression: "0+1" }]);
    const reasons = turn.decision?.fallbackReason ?? "";
    for (const cause of ["too_many_calls: 200", "unknown_tool", "bad_reference", "invalid_arguments"]) {
      expect(reasons).toContain(cause);
    }
  });

  scenario("plan.failed-step", async () => {
    const { turn, asked } = await ask(FAILING);
    const calculated = turn.toolCalls.filter(({ call }) => call?.name === "calculator");
    expect(calculated.map(({ outcome, errorCode }) => [outcome, errorCode]).sort()).toEqual([
      [Outcome.COMMITTED, ""],
      [Outcome.FAILED, "invalid_arguments"],
      [Outcome.DENIED, "bad_reference"],
    ]);
    const denied = turn.toolCalls.find(({ outcome }) => outcome === Outcome.DENIED);
    expect(denied?.errorMessage).toContain('the result of c1 has no "nothing", it has name');
    expect(JSON.stringify(asked.at(-1)?.request)).toContain("the result of c1 has no");
  });

  scenario("plan.rounds", async () => {
    const { turn, asked } = await ask(IN_ROUNDS, { maxModelCalls: 5 });
    expect(turn).toMatchObject({ state: TurnState.COMPLETED, usage: { modelCalls: 4 } });
    expect(asked.map(({ kind }) => kind)).toEqual(["route", "route", "route", "answer"]);
    const clock = turn.toolCalls.find(({ call }) => call?.name === "current_time");
    expect(clock?.call?.arguments).toEqual({ time_zone: "Europe/Oslo" });
  });
});

function endOf(events: readonly TurnEvent[]): Turn {
  const last = events.at(-1)?.event;
  if (last?.case !== "turnCompleted" || !last.value.turn) throw new Error(`ended with ${last?.case}`);
  return last.value.turn;
}
