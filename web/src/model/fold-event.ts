import type { TurnEvent } from "@forerun/contracts/forerun/chat/v1/event_pb";
import { TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { foldTiming } from "@forerun/timeline/turn-timing";
import { type TurnView, withTurn } from "./turn-view.ts";

/** The view after one more event. Kinds that this page does not know leave it as it is. */
export function foldEvent(before: TurnView, event: TurnEvent): TurnView {
  const view = seen(before, event);
  const body = event.event;
  switch (body.case) {
    case "turnCreated":
    case "turnInProgress":
      return { ...view, state: TurnState.IN_PROGRESS };
    case "usageUpdated":
      return { ...view, usage: body.value.usage };
    case "outputTextDelta":
      return { ...view, answer: view.answer + body.value.text };
    case "outputTextDone":
      return { ...view, answer: body.value.text };
    case "outputTextAnnotationAdded":
      return body.value.citation ? { ...view, citations: [...view.citations, body.value.citation] } : view;
    case "outputReset":
      return { ...view, answer: "", citations: [] };
    case "snapshot":
    case "turnCompleted":
    case "turnIncomplete":
    case "turnFailed":
    case "turnCancelled":
      return body.value.turn ? withTurn(view, body.value.turn) : view;
    default:
      return view;
  }
}

const ENDED: readonly TurnState[] = [
  TurnState.COMPLETED,
  TurnState.INCOMPLETE,
  TurnState.FAILED,
  TurnState.CANCELLED,
];

export function hasEnded({ state }: TurnView): boolean {
  return ENDED.includes(state);
}

/** Notes whose event it is, when it came and where to go on from. */
function seen(view: TurnView, event: TurnEvent): TurnView {
  const body = event.event;
  const turn = body.case === "turnCreated" ? body.value.turn : undefined;
  return {
    ...view,
    turnId: event.turnId || view.turnId,
    traceId: event.traceId || view.traceId,
    conversationId: turn?.conversationId || view.conversationId,
    timing: foldTiming(view.timing, event),
    cursor: event.sequence > 0 ? { epoch: event.epoch, sequence: event.sequence } : view.cursor,
  };
}
