import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import type { TurnEvent } from "@forerun/contracts/forerun/chat/v1/event_pb";
import type { Turn } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { Outcome, type ToolCallRecord } from "@forerun/contracts/forerun/common/v1/common_pb";

/** One bar of the waterfall, in milliseconds since the turn was accepted. */
export type Span = { label: string; startMs: number; endMs: number; note: string; wasted: boolean };

/** A turn in time: its bars from first to last, when the first word came, how long it all took. */
export type Timeline = { spans: Span[]; firstWordMs: number | undefined; totalMs: number };

type EventCase = NonNullable<TurnEvent["event"]["case"]>;

/** Reads the times of a turn's parts from its events; tools carry their own. */
export function timelineOf(turn: Turn, events: readonly TurnEvent[]): Timeline {
  const zero = millis(turn.createTime);
  const at = (name: EventCase): number | undefined => {
    const event = events.find((candidate) => candidate.event.case === name);
    return event?.createTime && millis(event.createTime) - zero;
  };
  const begunMs = at("turnInProgress") ?? at("turnCreated") ?? 0;
  const decidedMs = at("routeDecided");
  const firstWordMs = at("outputTextDelta");
  const lastMs = events.reduce((last, { createTime }) => Math.max(last, millis(createTime) - zero), 0);
  const totalMs = turn.endTime ? millis(turn.endTime) - zero : lastMs;
  const tools = turn.toolCalls.map(toolSpan);
  const readyMs = Math.max(
    decidedMs ?? begunMs,
    ...tools.filter((span) => !span.wasted).map((span) => span.endMs),
  );
  const spans = [
    span("begin", 0, begunMs),
    span("memory", begunMs, at("memoryRetrieved"), memoryNote(events)),
    span("route", begunMs, decidedMs, routeNote(turn)),
    ...tools.toSorted((left, right) => left.startMs - right.startMs),
    span(
      "answer",
      Math.min(readyMs, firstWordMs ?? readyMs),
      firstWordMs && (at("outputTextDone") ?? totalMs),
    ),
  ];
  return { spans: spans.filter((item) => item !== undefined), firstWordMs, totalMs };
}

function span(label: string, startMs: number, endMs: number | undefined, note = ""): Span | undefined {
  return endMs === undefined
    ? undefined
    : { label, startMs, endMs: Math.max(startMs, endMs), note, wasted: false };
}

function toolSpan(record: ToolCallRecord): Span {
  const { call, early, outcome, startMs, endMs, savedMs, wastedMs } = record;
  const word = OUTCOMES[outcome];
  const saved = savedMs > 0 ? `, ${savedMs} ms saved` : "";
  const wasted = wastedMs > 0 ? `, ${wastedMs} ms wasted` : "";
  return {
    label: call?.name ?? "?",
    startMs,
    endMs: Math.max(startMs, endMs),
    note: `${early && !EARLY_WORDS.has(outcome) ? "early, " : ""}${word}${saved}${wasted}`,
    wasted: outcome === Outcome.MISS || (early && outcome === Outcome.CANCELLED),
  };
}

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  [Outcome.UNSPECIFIED]: "running",
  [Outcome.COMMITTED]: "done",
  [Outcome.HIT]: "early, used",
  [Outcome.LATE]: "early, used late",
  [Outcome.MISS]: "early, discarded",
  [Outcome.CANCELLED]: "cancelled",
  [Outcome.FAILED]: "failed",
  [Outcome.DENIED]: "denied",
};

const EARLY_WORDS: ReadonlySet<Outcome> = new Set([Outcome.HIT, Outcome.LATE, Outcome.MISS]);

function memoryNote(events: readonly TurnEvent[]): string {
  for (const { event } of events) {
    if (event.case === "memoryRetrieved") return `${event.value.snippets.length} snippets`;
  }
  return "";
}

function routeNote({ decision }: Turn): string {
  return decision ? `${decision.action}, tier ${decision.tier}` : "";
}

function millis(time: Timestamp | undefined): number {
  return time ? timestampMs(time) : 0;
}
