/** A turn as the page shows it, folded from its events. */
import { type JsonObject, type JsonValue, toJson } from "@bufbuild/protobuf";
import { timestampMs, ValueSchema } from "@bufbuild/protobuf/wkt";
import type { Turn, TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import type { Citation, ToolCallRecord, Usage } from "@forerun/contracts/forerun/common/v1/common_pb";

export type CallState = "running" | "done" | "failed" | "cancelled" | "denied" | "discarded";

/** One tool call. Times are milliseconds since the turn began; `endMs` is undefined while it runs. */
export type CallView = {
  callId: string;
  name: string;
  state: CallState;
  early: boolean;
  arguments: JsonObject;
  output: JsonValue | undefined;
  rendered: string;
  error: string;
  startMs: number;
  endMs: number | undefined;
};

export type TurnView = {
  /** Empty until the server has accepted the turn. */
  turnId: string;
  conversationId: string;
  question: string;
  answer: string;
  state: TurnState;
  calls: CallView[];
  citations: Citation[];
  usage: Usage | undefined;
  reason: string;
  errorCode: string;
  retryable: boolean;
  marks: Marks;
  /** The last event that was seen, to go on from after a break. */
  cursor: { epoch: number; sequence: number };
};

/** When the turn reached what; milliseconds since it began, undefined where it has not or where that is not known. */
export type Marks = {
  beganAt: number | undefined;
  memoryMs: number | undefined;
  snippets: number;
  routeMs: number | undefined;
  routeTier: number | undefined;
  firstWordMs: number | undefined;
  endMs: number | undefined;
};

export const NO_MARKS: Marks = {
  beganAt: undefined,
  memoryMs: undefined,
  snippets: 0,
  routeMs: undefined,
  routeTier: undefined,
  firstWordMs: undefined,
  endMs: undefined,
};

export function newTurnView(question: string, state: TurnState): TurnView {
  return {
    turnId: "",
    conversationId: "",
    question,
    answer: "",
    state,
    calls: [],
    citations: [],
    usage: undefined,
    reason: "",
    errorCode: "",
    retryable: false,
    marks: NO_MARKS,
    cursor: { epoch: 0, sequence: 0 },
  };
}

/** The view with everything that a Turn states; what only events tell stays as it was. */
export function withTurn(view: TurnView, turn: Turn): TurnView {
  return {
    ...view,
    turnId: turn.turnId,
    conversationId: turn.conversationId,
    answer: turn.text,
    state: turn.state,
    calls: turn.toolCalls.map((record) => callView(record, ended(record))),
    citations: turn.citations,
    usage: turn.usage,
    reason: turn.reason,
    errorCode: turn.errorCode,
    retryable: turn.retryable,
    marks: { ...view.marks, endMs: view.marks.endMs ?? tookMs(turn) },
  };
}

function tookMs({ createTime, endTime }: Turn): number | undefined {
  return createTime && endTime && timestampMs(endTime) - timestampMs(createTime);
}

export function callView(record: ToolCallRecord, state: CallState): CallView {
  return {
    callId: record.call?.callId ?? "",
    name: record.call?.name ?? "",
    state,
    early: record.early,
    arguments: record.call?.arguments ?? {},
    output: record.output && toJson(ValueSchema, record.output),
    rendered: record.rendered,
    error: record.errorMessage || record.errorCode,
    startMs: record.startMs,
    endMs: state === "running" ? undefined : record.endMs,
  };
}

/** State of a call in a stored turn, by its outcome's number in the proto. */
function ended({ outcome }: ToolCallRecord): CallState {
  const states: CallState[] = [
    "running",
    "done",
    "done",
    "discarded",
    "done",
    "cancelled",
    "failed",
    "denied",
  ];
  return states[outcome] ?? "done";
}
