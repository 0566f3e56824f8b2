/** A second message while the first is being answered: what each policy makes of it. */
import { ConcurrencyPolicy, TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import type { Script } from "@forerun/testing/scripted-model/script";
import { type ScriptedModel, startScriptedModel } from "@forerun/testing/scripted-model/server";
import { describe, expect } from "vitest";
import { allEvents, type ChatClient, chatClient, eventsOf } from "./support/chat-client.ts";
import { type ChatDoor, openDoors, type Policy } from "./support/chat-doors.ts";
import { startForerun } from "./support/forerun-process.ts";
import { openGrpcDoor } from "./support/grpc-door.ts";
import { answerOf, expectRefused } from "./support/outcome.ts";
import { scenario } from "./support/scenario.ts";
import { until } from "./support/until.ts";

const PROSE = { json: { thought: "prose", action: "answer" } };

/** `rounds` times an answer that never ends, and one that does. */
function interrupted(rounds: number): Script["steps"] {
  return [
    { match: { kind: "route" }, reply: PROSE, times: 2 * rounds },
    { match: { kind: "answer", contains: "second story" }, reply: { text: "The end." }, times: rounds },
    { match: { kind: "answer" }, reply: { hang: "tokens", text: "Once" }, times: rounds },
  ];
}

/** An answer that never ends. */
const untold: Script["steps"] = [
  { match: { kind: "route" }, reply: PROSE },
  { match: { kind: "answer" }, reply: { hang: "tokens", text: "Once" } },
];

type Run = (client: ChatClient, doors: readonly ChatDoor[], model: ScriptedModel) => Promise<void>;

async function serve(steps: Script["steps"], run: Run): Promise<void> {
  await using model = await startScriptedModel(steps);
  await using forerun = await startForerun({ MODEL_URL: model.url, MODEL: "large", ROUTE_MODEL: "small" });
  using grpc = openGrpcDoor(forerun.ready.grpc);
  await run(chatClient(forerun.ready.http), openDoors(forerun.ready.http, grpc), model);
  expect(model.unused()).toEqual([]);
  expect(model.log().filter(({ unexpected }) => unexpected)).toEqual([]);
}

/** Begins a turn and leaves it in the middle of its answer. */
async function half(client: ChatClient, text: string): Promise<{ turnId: string; conversationId: string }> {
  const { turn } = await client.createTurn({ input: { text } });
  const { turnId = "", conversationId = "" } = turn ?? {};
  for await (const { event } of eventsOf(client.streamTurn({ turnId }))) {
    if (event.case === "outputTextDelta") return { turnId, conversationId };
  }
  throw new Error("the turn ended before its first word");
}

async function saidIn(client: ChatClient, conversationId: string): Promise<string[]> {
  const { messages } = await client.listMessages({ conversationId });
  return messages.map(({ role, text }) => `${role}: ${text}`);
}

describe("a message to a busy conversation", () => {
  scenario("turn.busy", async () => {
    const policies: Policy[] = ["enqueue", "interrupt", "rollback"];
    await serve(interrupted(9), async (client, doors) => {
      for (const [at, door] of doors.entries()) {
        for (const policy of policies) {
          const first = `Tell me story ${at} before I ${policy}`;
          const second = `Tell me a second story, ${at}, by ${policy}`;
          const { turnId, conversationId } = await half(client, first);
          const question = { text: second, conversation_id: conversationId };
          expectRefused(await door.ask(question), { code: "FR-E1703", status: "failed_precondition" });
          const asked = door.ask({ ...question, concurrency_policy: policy });
          if (policy === "enqueue") {
            const last = async () => (await client.listTurns({ conversationId, pageSize: 1 })).turns[0];
            await until(async () => (await last())?.state === TurnState.QUEUED, "the second turn to wait");
            expect(await saidIn(client, conversationId)).toEqual([`user: ${first}`]);
            await client.cancelTurn({ turnId });
          }
          expect([door.name, policy, answerOf(await asked).text]).toEqual([door.name, policy, "The end."]);
          const reason = policy === "enqueue" ? "user" : policy;
          const { turn } = await client.getTurn({ turnId });
          expect(turn).toMatchObject({ state: TurnState.CANCELLED, reason, text: "Once" });
          const kept = {
            enqueue: [`user: ${first}`],
            interrupt: [`user: ${first}`, "assistant: Once"],
            rollback: [],
          };
          const before = policy === "reject" ? [] : kept[policy];
          expect(await saidIn(client, conversationId)).toEqual([
            ...before,
            `user: ${second}`,
            "assistant: The end.",
          ]);
        }
      }
    });
  });

  scenario("turn.busy", async () => {
    await serve([...interrupted(1), ...untold], async (client) => {
      const { turnId, conversationId } = await half(client, "Tell me a story");
      const add = async (text: string, to = conversationId) => {
        const input = { text, conversationId: to, concurrencyPolicy: ConcurrencyPolicy.ENQUEUE };
        return (await client.createTurn({ input })).turn?.turnId ?? "";
      };
      const waiting = await add("Tell me a second story");
      const streamed = allEvents(client.streamTurn({ turnId: waiting }));
      const { turn } = await client.cancelTurn({ turnId: await add("Never mind") });
      expect(turn).toMatchObject({ state: TurnState.CANCELLED, reason: "user" });
      await client.cancelTurn({ turnId });
      const events = await streamed;
      expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, at) => at + 1));
      const kinds = events.map(({ event }) => event.case);
      expect(kinds.slice(0, 2)).toEqual(["turnCreated", "turnInProgress"]);
      expect(kinds.at(-1)).toBe("turnCompleted");
      // A conversation goes with what waits in it.
      const other = await half(client, "Tell me a third story");
      const gone = [other.turnId, await add("And another", other.conversationId)];
      await client.deleteConversation({ conversationId: other.conversationId });
      for (const id of gone) await expect(client.getTurn({ turnId: id })).rejects.toThrow("no such turn");
    });
  });
});
