/** A turn and its events between the domain and the wire (forerun.chat.v1). */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { TurnEventSchema, type TurnEvent as WireEvent } from "@forerun/contracts/forerun/chat/v1/event_pb";
import {
  TurnSchema,
  TurnState as WireState,
  type Turn as WireTurn,
} from "@forerun/contracts/forerun/chat/v1/turn_pb";
import {
  ToolCallRecordSchema,
  type ToolCallRecord as WireRecord,
} from "@forerun/contracts/forerun/common/v1/common_pb";
import {
  fromWireCall,
  fromWireCitation,
  fromWireClientCall,
  fromWireDecision,
  fromWireRecord,
  fromWireSnippet,
  fromWireUsage,
  toWireCall,
  toWireCitation,
  toWireDecision,
  toWireRecord,
  toWireSnippet,
} from "./noun-wire.ts";
import type { ToolCallRecord, Turn, TurnState } from "./turn.ts";
import type { StreamItem, TurnEvent, TurnEventBody } from "./turn-event.ts";

type WireBody = NonNullable<MessageInitShape<typeof TurnEventSchema>["event"]>;

const STATES: readonly [TurnState, WireState][] = [
  ["queued", WireState.QUEUED],
  ["in_progress", WireState.IN_PROGRESS],
  ["requires_action", WireState.REQUIRES_ACTION],
  ["completed", WireState.COMPLETED],
  ["incomplete", WireState.INCOMPLETE],
  ["failed", WireState.FAILED],
  ["cancelled", WireState.CANCELLED],
];
const WIRE_STATE = new Map(STATES);
const DOMAIN_STATE = new Map(STATES.map(([domain, wire]) => [wire, domain]));

const REUSABLE = new Map((["tool", "route", "answer"] as const).map((what) => [what as string, what]));

export function toWireTurn(turn: Turn): WireTurn {
  const { decision, endTime, ...rest } = turn;
  return create(TurnSchema, {
    ...rest,
    state: WIRE_STATE.get(turn.state) ?? WireState.UNSPECIFIED,
    toolCalls: turn.toolCalls.map(toWireRecord),
    citations: turn.citations.map(toWireCitation),
    createTime: timestampFromDate(turn.createTime),
    ...(decision ? { decision: toWireDecision(decision) } : {}),
    ...(endTime ? { endTime: timestampFromDate(endTime) } : {}),
  });
}

export function fromWireTurn(wire: WireTurn): Turn {
  const { $typeName: _, $unknown: __, createTime, endTime, ...rest } = wire;
  return {
    ...rest,
    state: DOMAIN_STATE.get(wire.state) ?? "in_progress",
    decision: wire.decision ? fromWireDecision(wire.decision) : undefined,
    toolCalls: wire.toolCalls.map(fromWireRecord),
    usage: fromWireUsage(wire.usage),
    citations: wire.citations.map(fromWireCitation),
    clientCalls: wire.clientCalls.map(fromWireClientCall),
    createTime: createTime ? timestampDate(createTime) : new Date(0),
    endTime: endTime ? timestampDate(endTime) : undefined,
  };
}

export function toWireEvent(event: TurnEvent): WireEvent {
  const { createTime, body, ...place } = event;
  return create(TurnEventSchema, {
    ...place,
    createTime: timestampFromDate(createTime),
    event: toWireBody(body),
  });
}

/** Undefined for a kind of event that this version does not know: those are to be ignored. */
export function fromWireEvent(wire: WireEvent): TurnEvent | undefined {
  const body = fromWireBody(wire.event);
  if (!body) return undefined;
  const { turnId, sequence, epoch, stepId, traceId, createTime } = wire;
  return {
    turnId,
    sequence,
    epoch,
    stepId,
    traceId,
    createTime: createTime ? timestampDate(createTime) : new Date(0),
    body,
  };
}

/** What a reader gets, as one message: a heartbeat, a go-away and a snapshot have no sequence. */
export function toWireItem(item: StreamItem): WireEvent {
  switch (item.kind) {
    case "event":
      return toWireEvent(item.event);
    case "heartbeat":
      return create(TurnEventSchema, { turnId: item.turnId, event: { case: "heartbeat", value: {} } });
    case "goAway":
      return create(TurnEventSchema, {
        turnId: item.turnId,
        event: { case: "goAway", value: { reason: item.reason } },
      });
    case "snapshot":
      return create(TurnEventSchema, {
        turnId: item.turn.turnId,
        epoch: item.turn.epoch,
        event: { case: "snapshot", value: { turn: toWireTurn(item.turn), reason: item.reason } },
      });
    default:
      return item satisfies never;
  }
}

function toWireBody(body: TurnEventBody): WireBody {
  switch (body.kind) {
    case "turnCreated":
    case "turnInProgress":
    case "turnCompleted":
    case "turnIncomplete":
    case "turnFailed":
    case "turnCancelled":
      return { case: body.kind, value: { turn: toWireTurn(body.turn) } };
    case "routeDecided":
      return { case: body.kind, value: { decision: toWireDecision(body.decision) } };
    case "planCreated":
    case "planUpdated":
      return { case: body.kind, value: { calls: body.calls.map(toWireCall) } };
    case "toolCallProgress":
      return {
        case: body.kind,
        value: { record: toWireRecord(body.record), text: body.text, fraction: body.fraction },
      };
    case "toolCallStarted":
    case "toolCallOutput":
    case "toolCallFailed":
    case "toolCallCancelled":
    case "toolCallDenied":
    case "toolCallDrafted":
    case "toolCallDiscarded":
      return { case: body.kind, value: { record: toWireRecord(body.record) } };
    case "memoryRetrieved":
      return { case: body.kind, value: { snippets: body.snippets.map(toWireSnippet) } };
    case "cacheHit": {
      const { layer, ageMs, what, callId } = body;
      return { case: body.kind, value: { layer, ageMs, kind: what, callId } };
    }
    case "clientCallsRequested":
      return { case: body.kind, value: { calls: body.calls } };
    case "usageUpdated":
      return { case: body.kind, value: { usage: body.usage } };
    case "outputTextDelta":
      return { case: body.kind, value: { text: body.text } };
    case "outputTextDone":
      return { case: body.kind, value: { text: body.text, reason: body.reason } };
    case "outputTextAnnotationAdded":
      return { case: body.kind, value: { citation: toWireCitation(body.citation) } };
    case "outputReset":
      return { case: body.kind, value: {} };
    default:
      return body satisfies never;
  }
}

function fromWireBody(wire: WireEvent["event"]): TurnEventBody | undefined {
  switch (wire.case) {
    case "turnCreated":
    case "turnInProgress":
    case "turnCompleted":
    case "turnIncomplete":
    case "turnFailed":
    case "turnCancelled":
      return { kind: wire.case, turn: fromWireTurn(wire.value.turn ?? create(TurnSchema)) };
    case "routeDecided":
      return wire.value.decision && { kind: wire.case, decision: fromWireDecision(wire.value.decision) };
    case "planCreated":
    case "planUpdated":
      return { kind: wire.case, calls: wire.value.calls.map(fromWireCall) };
    case "toolCallProgress": {
      const { text, fraction, record } = wire.value;
      return { kind: wire.case, record: recordOf(record), text, fraction };
    }
    case "toolCallStarted":
    case "toolCallOutput":
    case "toolCallFailed":
    case "toolCallCancelled":
    case "toolCallDenied":
    case "toolCallDrafted":
    case "toolCallDiscarded":
      return { kind: wire.case, record: recordOf(wire.value.record) };
    case "memoryRetrieved":
      return { kind: wire.case, snippets: wire.value.snippets.map(fromWireSnippet) };
    case "cacheHit": {
      const { layer, ageMs, kind, callId } = wire.value;
      return { kind: wire.case, layer, ageMs, what: REUSABLE.get(kind) ?? "tool", callId };
    }
    case "clientCallsRequested":
      return { kind: wire.case, calls: wire.value.calls.map(fromWireClientCall) };
    case "usageUpdated":
      return { kind: wire.case, usage: fromWireUsage(wire.value.usage) };
    case "outputTextDelta":
      return { kind: wire.case, text: wire.value.text };
    case "outputTextDone":
      return { kind: wire.case, text: wire.value.text, reason: wire.value.reason };
    case "outputTextAnnotationAdded":
      return wire.value.citation && { kind: wire.case, citation: fromWireCitation(wire.value.citation) };
    case "outputReset":
      return { kind: wire.case };
    default:
      return undefined;
  }
}

function recordOf(record: WireRecord | undefined): ToolCallRecord {
  return fromWireRecord(record ?? create(ToolCallRecordSchema));
}
