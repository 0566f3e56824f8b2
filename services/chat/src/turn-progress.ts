import { acceptedTurn, applyEvent } from "./fold-turn.ts";
import {
  type AnsweredEnding,
  type Citation,
  INCOMPLETE_REASONS,
  type RouteDecision,
  type Snippet,
  type Turn,
} from "./turn.ts";
import type { TurnEvent } from "./turn-event.ts";

export type WrittenAnswer = { text: string; citations: readonly Citation[]; ending: AnsweredEnding };

/** What has been done of a turn, as its log tells. */
export type TurnProgress = {
  turn: Turn;
  /** One a round; the calls of the last one may not have ended. */
  decisions: readonly RouteDecision[];
  /** What retrieval found; undefined when it is not known yet. */
  snippets: readonly Snippet[] | undefined;
  /** The answer where it was written to its end. */
  answer: WrittenAnswer | undefined;
  /** Ids that drafts and calls have. */
  callIds: ReadonlySet<string>;
};

/** A turn of which nothing is done. */
export function noProgress(turn: Turn): TurnProgress {
  return { turn, decisions: [], snippets: undefined, answer: undefined, callIds: new Set() };
}

/** `ids` name the turn under its new epoch; its events are those of the epochs before. */
export function progressOf(
  ids: Parameters<typeof acceptedTurn>[0],
  events: readonly TurnEvent[],
): TurnProgress {
  let turn = acceptedTurn(ids);
  const decisions: RouteDecision[] = [];
  const callIds = new Set<string>();
  let snippets: readonly Snippet[] | undefined;
  let answer: WrittenAnswer | undefined;
  for (const { body, sequence } of events) {
    turn = { ...applyEvent(turn, body), epoch: ids.epoch, lastSequence: sequence };
    if (body.kind === "routeDecided") decisions.push(body.decision);
    if (body.kind === "memoryRetrieved") snippets = body.snippets;
    if (body.kind === "outputReset") answer = undefined;
    if (body.kind === "outputTextDone") answer = writtenAnswer(turn, body.reason);
    if (body.kind === "toolCallDrafted") callIds.add(body.record.call.callId);
  }
  for (const { call } of turn.toolCalls) callIds.add(call.callId);
  for (const { calls } of decisions) for (const { callId } of calls) callIds.add(callId);
  return { turn, decisions, snippets, answer, callIds };
}

/** A reason that this version does not know makes no answer of it: it is written anew. */
function writtenAnswer({ text, citations }: Turn, told: string): WrittenAnswer | undefined {
  const reason = INCOMPLETE_REASONS.find((known) => known === told);
  if (told !== "" && !reason) return undefined;
  return { text, citations, ending: reason ? { state: "incomplete", reason } : { state: "completed" } };
}
