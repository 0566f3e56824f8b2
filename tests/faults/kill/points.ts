import type { TurnEvent } from "@forerun/contracts/forerun/chat/v1/event_pb";
import type { Script } from "@forerun/testing/scripted-model/script";
import type { ScriptedModel } from "@forerun/testing/scripted-model/server";
import { textOf } from "../../support/chat-client.ts";

/** A moment in a turn at which the process is killed. */
export type KillPoint = {
  name: string;
  /** How the model behaves in that turn, so that the moment lasts. */
  steps: Script["steps"];
  /** Whether the turn stands there, by what its follower has seen and what the model was asked. */
  reached(seen: readonly TurnEvent[], model: ScriptedModel): boolean;
  /** Whether the turn may have ended before the kill took effect. */
  mayEnd: boolean;
};

const ANSWER_IT = {
  match: { kind: "route" },
  reply: { json: { thought: "prose", action: "answer" } },
} as const;
const HOLD = {
  thought: "a tool",
  action: "call",
  calls: [{ id: "c1", tool: "hold_until_stopped", args: {} }],
};
const STORY = "One two three four five six seven eight nine ten eleven twelve.";

function saw(kind: TurnEvent["event"]["case"]) {
  return (seen: readonly TurnEvent[]) => seen.some(({ event }) => event.case === kind);
}

function isAsked(kind: "route" | "answer", model: ScriptedModel): boolean {
  const last = model.log().at(-1);
  return last?.kind === kind && last.close_ms === null;
}

export const KILL_POINTS: readonly KillPoint[] = [
  {
    name: "accepted, before the route",
    steps: [{ match: { kind: "route" }, reply: { hang: "headers" } }],
    reached: (seen, model) => saw("turnCreated")(seen) && isAsked("route", model),
    mayEnd: false,
  },
  {
    name: "in a tool",
    steps: [{ match: { kind: "route" }, reply: { json: HOLD } }],
    reached: saw("toolCallProgress"),
    mayEnd: false,
  },
  {
    name: "before the first token",
    steps: [ANSWER_IT, { match: { kind: "answer" }, reply: { hang: "first_token" } }],
    reached: (seen, model) => saw("routeDecided")(seen) && isAsked("answer", model),
    mayEnd: false,
  },
  {
    name: "in mid-stream",
    steps: [ANSWER_IT, { match: { kind: "answer" }, reply: { text: STORY }, token_ms: 500 }],
    reached: (seen) => seen.filter(({ event }) => event.case === "outputTextDelta").length >= 2,
    mayEnd: false,
  },
  {
    name: "after the last token",
    steps: [ANSWER_IT, { match: { kind: "answer" }, reply: { hang: "tokens", text: STORY } }],
    reached: (seen) => textOf(seen) === STORY,
    mayEnd: false,
  },
  {
    name: "while it ends",
    steps: [ANSWER_IT, { match: { kind: "answer" }, reply: { text: STORY } }],
    reached: saw("outputTextDone"),
    mayEnd: true,
  },
];
