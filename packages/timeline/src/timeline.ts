import { Outcome, type ToolCallRecord } from "@forerun/contracts/forerun/common/v1/common_pb";
import { type CallMark, outcomeOf } from "./call-outcome.ts";
import { duration } from "./duration.ts";
import type { Decided, TurnTiming } from "./turn-timing.ts";

export type SpanKind = "begin" | "memory" | "route" | "draft" | "tool" | "answer";

/** One bar of the waterfall; milliseconds since the turn was accepted. */
export type Span = Readonly<{
  key: string;
  kind: SpanKind;
  label: string;
  startMs: number;
  endMs: number;
  /** Undefined for what is no call. */
  mark: CallMark | undefined;
  /** What came of it, in words; empty where there is nothing to say. */
  words: readonly string[];
  /** Names of the calls whose results it needs. */
  after: readonly string[];
}>;

export type Timeline = Readonly<{
  /** In order of their begin, the answer last. */
  spans: readonly Span[];
  /** When the last decision was there. */
  decidedMs: number | undefined;
  firstWordMs: number | undefined;
  totalMs: number;
  /** What early calls hid (estimate), and the work of those that nobody wanted. */
  savedMs: number;
  wastedMs: number;
  early: Readonly<{ used: number; started: number }>;
}>;

/** A turn in time. Parts that are still under way end at its last event. */
export function timelineOf(timing: TurnTiming): Timeline {
  const { begunMs, memory, decisions, calls, drafts, firstWordMs } = timing;
  const nowMs = timing.endMs ?? timing.lastMs;
  const before = [
    ...(begunMs === undefined ? [] : [part("begin", 0, begunMs)]),
    ...(memory ? [part("memory", begunMs ?? 0, memory.atMs, counted(memory.snippets, "snippet"))] : []),
    ...decisions.map(decisionSpan),
    ...calls.map((call) => callSpan(call, calls, nowMs)),
    ...drafts.map(draftSpan),
  ].toSorted((left, right) => left.startMs - right.startMs);
  const spans = [...before, ...answerSpan(timing, before, nowMs)];
  const started = calls.filter(({ early }) => early);
  return {
    spans,
    decidedMs: decisions.at(-1)?.atMs,
    firstWordMs,
    totalMs: timing.endMs ?? Math.max(nowMs, ...spans.map(({ endMs }) => endMs)),
    savedMs: sum(calls, ({ savedMs }) => savedMs),
    wastedMs: sum(calls, ({ wastedMs }) => wastedMs),
    early: { used: started.filter(isUsed).length, started: started.length },
  };
}

function part(kind: SpanKind, startMs: number, endMs: number, ...words: string[]): Span {
  const until = Math.max(startMs, endMs);
  return { key: kind, kind, label: kind, startMs, endMs: until, mark: undefined, words, after: [] };
}

/** By tier. */
const DECIDERS = ["without a model", "small model", "large model"];

function decisionSpan({ fromMs, atMs, decision, reused }: Decided, round: number): Span {
  const words = decision ? [decision.action, DECIDERS[decision.tier] ?? `tier ${decision.tier}`] : [];
  const span = part("route", fromMs, atMs, ...words, ...(reused ? ["cached"] : []));
  return round === 0 ? span : { ...span, key: `route ${round + 1}`, label: `route ${round + 1}` };
}

function callSpan(record: ToolCallRecord, calls: readonly ToolCallRecord[], nowMs: number): Span {
  const { call, outcome, startMs, endMs, savedMs } = record;
  const { mark, words } = outcomeOf(record);
  const until = outcome === Outcome.UNSPECIFIED ? nowMs : endMs;
  const gained = savedMs > 0 ? [`${duration(savedMs)} saved`] : [];
  return {
    ...part("tool", startMs, until, ...words, ...gained),
    key: call?.callId ?? "",
    label: call?.name ?? "",
    mark,
    after: (call?.dependsOn ?? []).map((id) => nameOf(id, calls)),
  };
}

function draftSpan({ call, startMs }: ToolCallRecord): Span {
  const span = part("draft", startMs, startMs, "drafted", "not started");
  return { ...span, key: `draft ${call?.callId}`, label: call?.name ?? "" };
}

/** The answer is on its way from the moment the last step before it ended; its first word comes later. */
function answerSpan(
  { firstWordMs, textDoneMs, answerReused }: TurnTiming,
  before: readonly Span[],
  nowMs: number,
): Span[] {
  if (firstWordMs === undefined) return [];
  const startMs = Math.min(firstWordMs, Math.max(0, ...before.map(({ endMs }) => endMs)));
  const words = [`first word ${duration(firstWordMs)}`, ...(answerReused ? ["cached"] : [])];
  return [part("answer", startMs, textDoneMs ?? nowMs, ...words)];
}

function nameOf(id: string, calls: readonly ToolCallRecord[]): string {
  return calls.find(({ call }) => call?.callId === id)?.call?.name ?? id;
}

function isUsed({ outcome }: ToolCallRecord): boolean {
  return outcome === Outcome.HIT || outcome === Outcome.LATE;
}

function sum(calls: readonly ToolCallRecord[], pick: (record: ToolCallRecord) => number): number {
  return calls.reduce((total, record) => total + pick(record), 0);
}

/** "1 snippet", "2 snippets". */
function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
