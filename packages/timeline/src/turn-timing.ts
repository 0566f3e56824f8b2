import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import type { TurnEvent } from "@forerun/contracts/forerun/chat/v1/event_pb";
import type { Turn } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import {
  Outcome,
  type RouteDecision,
  type ToolCallRecord,
} from "@forerun/contracts/forerun/common/v1/common_pb";

/** A decision with the time in which it was made: a further round begins where the calls before it have ended. */
export type Decided = Readonly<{
  fromMs: number;
  atMs: number;
  decision: RouteDecision | undefined;
  reused: boolean;
}>;

/** When a turn reached what, folded from its events; milliseconds since it was accepted, undefined where it has not. */
export type TurnTiming = Readonly<{
  /** When it was accepted, in milliseconds since 1970. */
  beganAt: number | undefined;
  begunMs: number | undefined;
  memory: Readonly<{ atMs: number; snippets: number }> | undefined;
  decisions: readonly Decided[];
  /** The decision that comes next came from a cache. */
  decisionReused: boolean;
  /** Likely calls that were not started. */
  drafts: readonly ToolCallRecord[];
  /** Calls that were started or refused, as they stand. */
  calls: readonly ToolCallRecord[];
  firstWordMs: number | undefined;
  /** The answer's text came from a cache. */
  answerReused: boolean;
  textDoneMs: number | undefined;
  /** When the last event came. */
  lastMs: number;
  endMs: number | undefined;
}>;

export const NO_TIMING: TurnTiming = {
  beganAt: undefined,
  begunMs: undefined,
  memory: undefined,
  decisions: [],
  decisionReused: false,
  drafts: [],
  calls: [],
  firstWordMs: undefined,
  answerReused: false,
  textDoneMs: undefined,
  lastMs: 0,
  endMs: undefined,
};

/** The timing after one more event. Kinds that tell of no time leave it as it is. */
export function foldTiming(before: TurnTiming, event: TurnEvent): TurnTiming {
  const { timing, atMs } = arrived(before, event);
  const body = event.event;
  switch (body.case) {
    case "turnInProgress":
      return { ...timing, begunMs: timing.begunMs ?? atMs };
    case "memoryRetrieved":
      return { ...timing, memory: { atMs, snippets: body.value.snippets.length } };
    case "routeDecided":
      return withDecision(timing, atMs, body.value.decision);
    case "toolCallDrafted":
      return body.value.record ? { ...timing, drafts: [...timing.drafts, body.value.record] } : timing;
    case "toolCallStarted":
    case "toolCallProgress":
    case "toolCallOutput":
    case "toolCallFailed":
    case "toolCallCancelled":
    case "toolCallDenied":
    case "toolCallDiscarded":
      return body.value.record ? withCall(timing, body.value.record) : timing;
    case "cacheHit":
      return withReuse(timing, body.value.kind);
    case "outputTextDelta":
      return { ...timing, firstWordMs: timing.firstWordMs ?? atMs };
    case "outputTextDone":
      return { ...timing, textDoneMs: atMs };
    case "outputReset":
      return { ...timing, firstWordMs: undefined, textDoneMs: undefined };
    case "snapshot":
      return body.value.turn ? timingOfTurn(timing, body.value.turn) : timing;
    case "turnCompleted":
    case "turnIncomplete":
    case "turnFailed":
    case "turnCancelled":
      return { ...(body.value.turn ? timingOfTurn(timing, body.value.turn) : timing), endMs: atMs };
    default:
      return timing;
  }
}

/** What a stored turn states of its times; what only events tell stays as it was. */
export function timingOfTurn(timing: TurnTiming, { createTime, endTime, toolCalls }: Turn): TurnTiming {
  const tookMs = createTime && endTime && timestampMs(endTime) - timestampMs(createTime);
  return { ...timing, calls: toolCalls, endMs: timing.endMs ?? tookMs };
}

function arrived(before: TurnTiming, { event, createTime }: TurnEvent): { timing: TurnTiming; atMs: number } {
  // A reader who comes late may see a snapshot first: the turn itself says when it was accepted.
  const accepted = event.case === "turnCreated" || event.case === "snapshot" ? event.value.turn : undefined;
  const at = millis(createTime);
  const beganAt = before.beganAt ?? millis(accepted?.createTime) ?? at;
  const atMs = at === undefined || beganAt === undefined ? before.lastMs : Math.max(0, at - beganAt);
  return { timing: { ...before, beganAt, lastMs: Math.max(before.lastMs, atMs) }, atMs };
}

function withDecision(timing: TurnTiming, atMs: number, decision: RouteDecision | undefined): TurnTiming {
  const ended = timing.calls.filter(({ outcome }) => outcome !== Outcome.UNSPECIFIED);
  const last = timing.decisions.at(-1);
  const fromMs = last ? Math.max(last.atMs, ...ended.map(({ endMs }) => endMs)) : (timing.begunMs ?? 0);
  const decided = { fromMs: Math.min(fromMs, atMs), atMs, decision, reused: timing.decisionReused };
  return { ...timing, decisions: [...timing.decisions, decided], decisionReused: false };
}

/** A call that starts is no mere draft any more. */
function withCall(timing: TurnTiming, record: ToolCallRecord): TurnTiming {
  const id = record.call?.callId;
  const at = timing.calls.findIndex(({ call }) => call?.callId === id);
  return {
    ...timing,
    drafts: timing.drafts.filter(({ call }) => call?.callId !== id),
    calls: at < 0 ? [...timing.calls, record] : timing.calls.with(at, record),
  };
}

/** A call's record says itself that its result was reused. */
function withReuse(timing: TurnTiming, kind: string): TurnTiming {
  if (kind === "answer") return { ...timing, answerReused: true };
  return kind === "route" ? { ...timing, decisionReused: true } : timing;
}

function millis(time: Timestamp | undefined): number | undefined {
  return time && timestampMs(time);
}
