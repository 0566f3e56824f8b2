/** A turn is what its events say: the same fold serves the driver, a reader of a running turn, and the adopter of a dead one. */

import { NO_USAGE, type ToolCallRecord, type Turn } from "./turn.ts";
import type { TurnEvent, TurnEventBody } from "./turn-event.ts";

export function foldTurn(events: Iterable<TurnEvent>): Turn | undefined {
  let turn: Turn | undefined;
  for (const event of events) {
    if (event.body.kind === "turnCreated") turn = event.body.turn;
    if (turn) turn = { ...applyEvent(turn, event.body), lastSequence: event.sequence, epoch: event.epoch };
  }
  return turn;
}

/** The turn after one more event; the given one is not changed. */
export function applyEvent(turn: Turn, body: TurnEventBody): Turn {
  switch (body.kind) {
    case "turnCreated":
    case "turnInProgress":
    case "turnCompleted":
    case "turnIncomplete":
    case "turnFailed":
    case "turnCancelled":
      return body.turn;
    case "routeDecided":
      return { ...turn, decision: body.decision };
    case "toolCallStarted":
    case "toolCallProgress":
    case "toolCallOutput":
    case "toolCallFailed":
    case "toolCallCancelled":
    case "toolCallDenied":
    case "toolCallDiscarded":
      return { ...turn, toolCalls: withRecord(turn.toolCalls, body.record) };
    case "clientCallsRequested":
      return { ...turn, clientCalls: body.calls };
    case "usageUpdated":
      return { ...turn, usage: body.usage };
    case "outputTextDelta":
      return { ...turn, text: turn.text + body.text };
    case "outputTextAnnotationAdded":
      return { ...turn, citations: [...turn.citations, body.citation] };
    case "outputTextDone":
      return { ...turn, text: body.text };
    case "outputReset":
      return { ...turn, text: "", citations: [] };
    // A draft is a guess and a plan an intention: a call becomes one of the turn's when it starts.
    case "planCreated":
    case "planUpdated":
    case "toolCallDrafted":
    case "memoryRetrieved":
    case "cacheHit":
      return turn;
    default:
      return body satisfies never;
  }
}

/** A turn of which nothing is known but that it was accepted. */
export function acceptedTurn(ids: {
  turnId: string;
  conversationId: string;
  createTime: Date;
  epoch: number;
  traceId: string;
}): Turn {
  const { turnId, conversationId, createTime, epoch, traceId } = ids;
  return {
    turnId,
    conversationId,
    createTime,
    epoch,
    traceId,
    state: "in_progress",
    text: "",
    decision: undefined,
    toolCalls: [],
    usage: NO_USAGE,
    reason: "",
    errorCode: "",
    retryable: false,
    citations: [],
    endTime: undefined,
    lastSequence: 0,
    clientCalls: [],
  };
}

function withRecord(records: readonly ToolCallRecord[], record: ToolCallRecord): ToolCallRecord[] {
  const at = records.findIndex((known) => known.call.callId === record.call.callId);
  return at < 0 ? [...records, record] : records.with(at, record);
}
