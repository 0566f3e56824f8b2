import type { Script } from "@forerun/testing/scripted-model/script";
import { isTerminal } from "../../support/chat-client.ts";
import type { FollowedTurn } from "./followed-turn.ts";

/** A moment in many turns at which something is taken away. */
export type MeshPoint = {
  name: string;
  /** How the model behaves in the turn of that mark, so that the moment lasts. */
  steps(mark: string): Script["steps"];
  /** Whether a turn stands there. */
  reached(turn: FollowedTurn): boolean;
};

/** What every answer says in the end. */
export const WHOLE_TEXT = "One two three four five six seven eight nine ten eleven twelve.";
/** What is done again is asked again. */
const OFTEN = 100;
const SLOW_MS = 2_000;
const WORD_MS = 150;

const ANSWER_IT = { json: { thought: "prose", action: "answer" } };

function route(mark: string, reply: { json: unknown }, first_token_ms = 0): Script["steps"][number] {
  return { match: { kind: "route", contains: mark }, reply: reply as never, first_token_ms, times: OFTEN };
}

function answer(
  mark: string,
  pace: { first_token_ms?: number; token_ms?: number } = {},
): Script["steps"][number] {
  return { match: { kind: "answer", contains: mark }, reply: { text: WHOLE_TEXT }, ...pace, times: OFTEN };
}

function useTools(mark: string): { json: unknown } {
  const args = { mark, ms: SLOW_MS };
  const calls = [
    { id: "c1", tool: "mark_effect", args },
    { id: "c2", tool: "look_up", args },
  ];
  return { json: { thought: "tools", action: "call", calls } };
}

function saw({ events }: FollowedTurn, kind: string): boolean {
  return events.some(({ event }) => event.case === kind);
}

export const MESH_POINTS: readonly MeshPoint[] = [
  {
    name: "before the route",
    steps: (mark) => [route(mark, ANSWER_IT, SLOW_MS), answer(mark)],
    reached: (turn) => saw(turn, "turnInProgress"),
  },
  {
    name: "in a tool",
    steps: (mark) => [route(mark, useTools(mark)), answer(mark)],
    reached: (turn) => saw(turn, "toolCallProgress"),
  },
  {
    name: "before the first token",
    steps: (mark) => [route(mark, ANSWER_IT), answer(mark, { first_token_ms: SLOW_MS })],
    reached: (turn) => saw(turn, "routeDecided"),
  },
  {
    name: "in mid-stream",
    steps: (mark) => [route(mark, ANSWER_IT), answer(mark, { token_ms: WORD_MS })],
    reached: (turn) => saw(turn, "outputTextDelta"),
  },
  {
    name: "while they end",
    steps: (mark) => [route(mark, ANSWER_IT), answer(mark)],
    reached: ({ events }) => events.some(isTerminal),
  },
];
