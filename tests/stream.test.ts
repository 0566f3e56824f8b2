/** A turn outlives its followers: cut and resumed, cancelled, left, and asked for many times at once. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { toJson } from "@bufbuild/protobuf";
import { type TurnEvent, TurnEventSchema } from "@forerun/contracts/forerun/chat/v1/event_pb";
import { DisconnectPolicy, TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import type { Script } from "@forerun/testing/scripted-model/script";
import { type ScriptedModel, startScriptedModel } from "@forerun/testing/scripted-model/server";
import { describe, expect } from "vitest";
import {
  allEvents,
  chatClient,
  eventsOf,
  grpcChatClient,
  isTerminal,
  textOf,
} from "./support/chat-client.ts";
import { openDoors } from "./support/chat-doors.ts";
import { ROOT, type RunningForerun, startForerun } from "./support/forerun-process.ts";
import { openGrpcDoor } from "./support/grpc-door.ts";
import { answerOf } from "./support/outcome.ts";
import { scenario } from "./support/scenario.ts";
import { scratchFolder } from "./support/scratch-folder.ts";
import { serverSentEvents } from "./support/server-sent-events.ts";
import { until } from "./support/until.ts";

type Steps = Script["steps"];

async function serve(
  steps: Steps,
  run: (forerun: RunningForerun, model: ScriptedModel) => Promise<void>,
): Promise<void> {
  await using model = await startScriptedModel(steps);
  await using forerun = await startForerun({
    TOOLS_DIR: join(ROOT, "tests/fixtures/hold/tools"),
    MODEL_URL: model.url,
    MODEL: "large",
    ROUTE_MODEL: "small",
  });
  await run(forerun, model);
  expect(model.unused()).toEqual([]);
  expect(model.log().filter(({ unexpected }) => unexpected)).toEqual([]);
}

const STORY = "Seventeen percent of two thousand four hundred is 408, as any abacus will tell.";

/** A turn with a tool call and an answer that takes its time. */
function toldSlowly(times: number): Steps {
  const json = {
    thought: "arithmetic",
    action: "call",
    calls: [{ id: "c1", tool: "calculator", args: { expression: "17% of 2400" } }],
  };
  return [
    { match: { kind: "route" }, reply: { json }, times },
    { match: { kind: "answer" }, reply: { text: STORY }, token_ms: 25, times },
  ];
}

/** A turn whose tool runs until it is stopped, and then writes the file. */
function holding(marker: string): Steps {
  const calls = [{ id: "c1", tool: "hold_until_stopped", args: { marker } }];
  return [{ match: { kind: "route" }, reply: { json: { thought: "a tool", action: "call", calls } } }];
}

const QUESTION = "17% of 2400?";
const printed = (events: readonly TurnEvent[]) => events.map((event) => toJson(TurnEventSchema, event));

describe("a turn's stream", () => {
  scenario("stream.resume", async () => {
    await serve(toldSlowly(1), async ({ ready }) => {
      const client = chatClient(ready.http);
      const { turn } = await client.createTurn({ input: { text: QUESTION } });
      const turnId = turn?.turnId ?? "";
      // Cut after each event, while the turn is told and afterwards.
      const told: TurnEvent[] = [];
      let attached = 0;
      for (let last: TurnEvent | undefined; !last || !isTerminal(last); attached++) {
        const cursor = { epoch: last?.epoch ?? 0, afterSequence: last?.sequence ?? 0 };
        for await (const event of eventsOf(client.streamTurn({ turnId, ...cursor }))) {
          told.push(event);
          last = event;
          break;
        }
      }
      const whole = await allEvents(client.streamTurn({ turnId }));
      expect(attached).toBe(whole.length);
      expect(whole.length).toBeGreaterThan(5);
      expect(printed(told)).toEqual(printed(whole));
      expect(textOf(told)).toBe(STORY);
      for (const [at, { epoch, sequence }] of whole.entries()) {
        const rest = await allEvents(client.streamTurn({ turnId, epoch, afterSequence: sequence }));
        expect(printed(rest)).toEqual(printed(whole.slice(at + 1)));
      }
    });
  });

  scenario("stream.resume", async () => {
    await serve(toldSlowly(1), async ({ ready }) => {
      const follow = (lastEventId: string, key = "one") =>
        fetch(`${ready.http}/chat`, {
          method: "POST",
          headers: {
            "content-type": "application/json",
            accept: "text/event-stream",
            ...(lastEventId && { "last-event-id": lastEventId }),
          },
          body: JSON.stringify({ text: QUESTION, idempotency_key: key }),
        });
      const told: { id: string; event: string; data: unknown }[] = [];
      while (told.at(-1)?.event !== "turn_completed") {
        for await (const event of serverSentEvents(await follow(told.at(-1)?.id ?? ""))) {
          told.push(event);
          break;
        }
      }
      const whole = [];
      for await (const event of serverSentEvents(await follow(""))) whole.push(event);
      expect(whole.length).toBeGreaterThan(5);
      expect(told).toEqual(whole);
      expect(whole.map(({ id }) => id)).toEqual(whole.map((_, at) => `1.${at + 1}`));
      // Nothing to resume begins nothing.
      expect((await follow("1.1", "two")).status).toBe(404);
      expect((await chatClient(ready.http).listTurns({})).turns).toHaveLength(1);
    });
  });
});

/** An answer whose second word never comes. */
const BEGUN: Steps = [
  { match: { kind: "route" }, reply: { json: { thought: "prose", action: "answer" } }, times: 3 },
  { match: { kind: "answer" }, reply: { hang: "tokens", text: "Once" }, times: 3 },
];

describe("the first word of an answer", () => {
  scenario("stream.first-word", async () => {
    await serve(BEGUN, async ({ ready }) => {
      const leave = new AbortController();
      const post = (path: string, body: object) =>
        fetch(`${ready.http}${path}`, {
          method: "POST",
          headers: { "content-type": "application/json", accept: "text/event-stream" },
          body: JSON.stringify(body),
          signal: leave.signal,
        });
      const over = {
        "/chat": { text: "Tell me the first story", disconnect_policy: "cancel" },
        "/v1/chat/completions": {
          model: "forerun",
          stream: true,
          messages: [{ role: "user", content: "Tell me the second story" }],
        },
      };
      for (const [path, body] of Object.entries(over)) {
        const told: string[] = [];
        for await (const { data } of serverSentEvents(await post(path, body))) {
          told.push(JSON.stringify(data));
          if (told.at(-1)?.includes("Once")) break;
        }
        expect(told.at(-1)).toContain("Once");
      }
      const input = { text: "Tell me the third story", disconnectPolicy: DisconnectPolicy.CANCEL };
      const client = chatClient(ready.http);
      let text = "";
      for await (const { event } of client.chat({ input }, { signal: leave.signal })) {
        if (event?.event.case === "outputTextDelta") text += event.event.value.text;
        if (text !== "") break;
      }
      expect(text).toBe("Once");
      leave.abort();
    });
  });
});

describe("a turn that is cancelled", () => {
  scenario("cancel.tool", async () => {
    await using scratch = await scratchFolder();
    const marker = join(scratch.path, "stopped");
    await serve(holding(marker), async ({ ready }) => {
      const client = chatClient(ready.http);
      const { turn } = await client.createTurn({ input: { text: "Hold, please" } });
      const turnId = turn?.turnId ?? "";
      await inTheTool(client.streamTurn({ turnId }));
      const before = performance.now();
      const cancelled = await client.cancelTurn({ turnId });
      await until(() => existsSync(marker), "the tool's marker", 1_000);
      expect(performance.now() - before).toBeLessThan(1_000);
      expect(cancelled.turn).toMatchObject({ state: TurnState.CANCELLED, reason: "user" });
      const decided = cancelled.turn?.decision?.calls.map(({ callId }) => callId) ?? [];
      expect(decided).toHaveLength(1);
      expect(cancelled.stoppedCallIds).toEqual(decided);
      expect(cancelled.effectedCallIds).toEqual([]);
      const kinds = (await allEvents(client.streamTurn({ turnId }))).map(({ event }) => event.case);
      expect(kinds.slice(-2)).toEqual(["toolCallCancelled", "turnCancelled"]);
    });
  });
});

describe("a client that goes away", () => {
  scenario("stream.disconnect", async () => {
    await serve(toldSlowly(1), async ({ ready }) => {
      const client = chatClient(ready.http);
      let turnId = "";
      for await (const event of eventsOf(client.chat({ input: { text: QUESTION } }))) {
        turnId = event.turnId;
        if (event.event.case === "outputTextDelta") break;
      }
      const whole = await allEvents(client.streamTurn({ turnId }));
      expect(whole.at(-1)?.event.case).toBe("turnCompleted");
      expect(textOf(whole)).toBe(STORY);
    });
  });

  scenario("stream.disconnect", async () => {
    await using scratch = await scratchFolder();
    // Each way asks for something else: the model is asked every time.
    const input = (way: string) => ({
      text: `Hold, please, for ${way}`,
      disconnectPolicy: DisconnectPolicy.CANCEL,
    });
    const post = (http: string, accept: string, signal: AbortSignal) =>
      fetch(`${http}/chat`, {
        method: "POST",
        headers: { "content-type": "application/json", accept },
        body: JSON.stringify({ text: input(accept).text, disconnect_policy: "cancel" }),
        signal,
      }).then((response) => response.text());
    type Leave = (ready: RunningForerun["ready"], signal: AbortSignal) => Promise<unknown>;
    const ways: Record<string, Leave> = {
      Chat: ({ http }, signal) => allEvents(chatClient(http).chat({ input: input("Chat") }, { signal })),
      Ask: ({ http }, signal) => chatClient(http).ask({ input: input("Ask") }, { signal }),
      "Chat over gRPC": ({ grpc }, signal) =>
        allEvents(grpcChatClient(grpc).chat({ input: input("gRPC Chat") }, { signal })),
      "Ask over gRPC": ({ grpc }, signal) =>
        grpcChatClient(grpc).ask({ input: input("gRPC Ask") }, { signal }),
      "/chat": ({ http }, signal) => post(http, "application/json", signal),
      "/chat as SSE": ({ http }, signal) => post(http, "text/event-stream", signal),
    };
    const markers = Object.keys(ways).map((_, at) => join(scratch.path, `stopped-${at}`));
    await serve(markers.flatMap(holding), async ({ ready }) => {
      const client = chatClient(ready.http);
      for (const [at, [way, leave]] of Object.entries(ways).entries()) {
        const leaving = new AbortController();
        const left = leave(ready, leaving.signal).catch((error: unknown) => error);
        await until(async () => (await client.listTurns({})).turns.length === at + 1, `the turn of ${way}`);
        const turnId = (await client.listTurns({ pageSize: 1 })).turns[0]?.turnId ?? "";
        await inTheTool(client.streamTurn({ turnId }));
        leaving.abort();
        await until(() => existsSync(markers[at] ?? ""), `the tool to stop after leaving ${way}`, 1_000);
        const whole = await allEvents(client.streamTurn({ turnId }));
        expect([way, whole.at(-1)?.event.value]).toMatchObject([
          way,
          { turn: { state: TurnState.CANCELLED, reason: "disconnect" } },
        ]);
        expect(await left).toBeInstanceOf(Error);
      }
    });
  });
});

describe("the same request many times", () => {
  scenario("turn.idempotent", async () => {
    await serve(toldSlowly(1), async ({ ready }, model) => {
      using grpc = openGrpcDoor(ready.grpc);
      const doors = openDoors(ready.http, grpc);
      const question = { text: QUESTION, idempotency_key: "once" };
      const asked = await Promise.all(
        Array.from({ length: 10 }, (_, at) => (doors[at % doors.length] ?? doors[0]).ask(question)),
      );
      const turns = asked.map(answerOf);
      expect(new Set(turns.map(({ turn_id }) => turn_id)).size).toBe(1);
      expect(turns.map(({ text }) => text)).toEqual(Array(10).fill(STORY));
      // And after it has ended.
      expect(answerOf(await doors[0].ask(question)).turn_id).toBe(turns[0]?.turn_id);
      expect(model.log().map(({ kind }) => kind)).toEqual(["route", "answer"]);
      const { turns: stored } = await chatClient(ready.http).listTurns({});
      expect(stored).toHaveLength(1);
    });
  });
});

/** Follows the turn into its tool and leaves; gives the turn's id. */
async function inTheTool(responses: Parameters<typeof eventsOf>[0]): Promise<string> {
  for await (const { turnId, event } of eventsOf(responses)) {
    if (event.case === "toolCallProgress") return turnId;
  }
  throw new Error("the turn ended before its tool ran");
}
