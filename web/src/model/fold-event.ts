import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { TurnEvent } from "@forerun/contracts/forerun/chat/v1/event_pb";
import { TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import type { ToolCallRecord } from "@forerun/contracts/forerun/common/v1/common_pb";
import { type CallState, callView, type Marks, type TurnView, withTurn } from "./turn-view.ts";

/** The view after one more event. Kinds that this page does not know leave it as it is. */
export function foldEvent(before: TurnView, event: TurnEvent): TurnView {
  const view = seen(before, event);
  const body = event.event;
  switch (body.case) {
    case "turnCreated":
    case "turnInProgress":
      return { ...view, state: TurnState.IN_PROGRESS };
    case "memoryRetrieved":
      return mark(view, event, { snippets: body.value.snippets.length }, "memoryMs");
    case "routeDecided":
      return mark(view, event, { routeTier: body.value.decision?.tier }, "routeMs");
    case "toolCallDrafted":
    case "toolCallStarted":
    case "toolCallProgress":
      return withCall(view, body.value.record, "running");
    case "toolCallOutput":
      return withCall(view, body.value.record, "done");
    case "toolCallFailed":
      return withCall(view, body.value.record, "failed");
    case "toolCallCancelled":
      return withCall(view, body.value.record, "cancelled");
    case "toolCallDenied":
      return withCall(view, body.value.record, "denied");
    case "toolCallDiscarded":
      return withCall(view, body.value.record, "discarded");
    case "usageUpdated":
      return { ...view, usage: body.value.usage };
    case "outputTextDelta": {
      const answer = view.answer + body.value.text;
      return view.answer ? { ...view, answer } : mark({ ...view, answer }, event, {}, "firstWordMs");
    }
    case "outputTextDone":
      return { ...view, answer: body.value.text };
    case "outputTextAnnotationAdded":
      return body.value.citation ? { ...view, citations: [...view.citations, body.value.citation] } : view;
    case "outputReset":
      return { ...view, answer: "", citations: [], calls: [] };
    case "snapshot":
      return body.value.turn ? withTurn(view, body.value.turn) : view;
    case "turnCompleted":
    case "turnIncomplete":
    case "turnFailed":
    case "turnCancelled":
      return mark(body.value.turn ? withTurn(view, body.value.turn) : view, event, {}, "endMs");
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

/** Notes whose event it is and where to go on from; the first event tells when the turn began. */
function seen(view: TurnView, event: TurnEvent): TurnView {
  const body = event.event;
  const turn = body.case === "turnCreated" ? body.value.turn : undefined;
  const beganAt = view.marks.beganAt ?? (event.createTime && timestampMs(event.createTime));
  return {
    ...view,
    turnId: event.turnId || view.turnId,
    conversationId: turn?.conversationId || view.conversationId,
    marks: { ...view.marks, beganAt },
    cursor: event.sequence > 0 ? { epoch: event.epoch, sequence: event.sequence } : view.cursor,
  };
}

type Moment = "memoryMs" | "routeMs" | "firstWordMs" | "endMs";

/** Notes when this event came, in milliseconds since the turn began. */
function mark(view: TurnView, event: TurnEvent, more: Partial<Marks>, moment: Moment): TurnView {
  const { beganAt } = view.marks;
  const at =
    event.createTime && beganAt !== undefined
      ? Math.max(0, timestampMs(event.createTime) - beganAt)
      : undefined;
  return { ...view, marks: { ...view.marks, ...more, [moment]: at } };
}

function withCall(view: TurnView, record: ToolCallRecord | undefined, state: CallState): TurnView {
  if (!record) return view;
  const call = callView(record, state);
  const known = view.calls.some(({ callId }) => callId === call.callId);
  const calls = known
    ? view.calls.map((one) => (one.callId === call.callId ? call : one))
    : [...view.calls, call];
  return { ...view, calls };
}
