import { type Turn, TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { clip } from "../describe-call.ts";
import type { Span, Timeline } from "./spans.ts";

const LABEL_WIDTH = 15;
const BAR_WIDTH = 30;
const TIME_WIDTH = 9;
const NOTE_WIDTH = 80 - 2 - LABEL_WIDTH - 2 - BAR_WIDTH - TIME_WIDTH - 2;

/** Draws a turn in at most 80 columns: one line a part, then first word, tokens and totals. */
export function drawWaterfall(turn: Turn, timeline: Timeline): string[] {
  const width = Math.max(1, timeline.totalMs, ...timeline.spans.map((span) => span.endMs));
  return [
    `  Turn ${turn.turnId}  ${stateWord(turn)}`,
    "",
    ...timeline.spans.map((span) => row(span, width)),
    "",
    `  ${times(timeline)}`,
    `  ${usage(turn)}`,
    ...speculation(turn),
  ];
}

function row({ label, startMs, endMs, note, wasted }: Span, totalMs: number): string {
  const bar = drawBar(startMs / totalMs, endMs / totalMs, wasted ? "░" : "█");
  const time = `${Math.round(endMs - startMs)} ms`.padStart(TIME_WIDTH);
  const line = `  ${clip(label, LABEL_WIDTH).padEnd(LABEL_WIDTH)} │${bar}${time}  ${clip(note, NOTE_WIDTH)}`;
  return line.trimEnd();
}

/** At least one cell, so that what took no time is still seen where it happened. */
function drawBar(from: number, to: number, cell: string): string {
  const start = Math.min(BAR_WIDTH - 1, Math.floor(from * BAR_WIDTH));
  const length = Math.max(1, Math.min(BAR_WIDTH - start, Math.round((to - from) * BAR_WIDTH)));
  return (" ".repeat(start) + cell.repeat(length)).padEnd(BAR_WIDTH);
}

function stateWord({ state, reason, errorCode }: Turn): string {
  const word = STATE_WORDS[state] ?? "unknown";
  const why = [errorCode, reason].filter(Boolean).join(", ");
  return why ? `${word} (${why})` : word;
}

const STATE_WORDS: Readonly<Partial<Record<TurnState, string>>> = {
  [TurnState.QUEUED]: "queued",
  [TurnState.IN_PROGRESS]: "in progress",
  [TurnState.REQUIRES_ACTION]: "waits for you",
  [TurnState.COMPLETED]: "completed",
  [TurnState.INCOMPLETE]: "incomplete",
  [TurnState.FAILED]: "failed",
  [TurnState.CANCELLED]: "cancelled",
};

function times({ firstWordMs, totalMs }: Timeline): string {
  const firstWord = firstWordMs === undefined ? "no word" : `first word ${readable(firstWordMs)}`;
  return `${firstWord} · total ${readable(totalMs)}`;
}

/** 640 ms, 1.24 s. */
export function readable(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(2)} s`;
}

function usage({ usage: used }: Turn): string {
  if (!used || used.modelCalls === 0) return "no model call";
  const cost = used.costMicros > 0 ? ` · ${(used.costMicros / 1_000_000).toFixed(6)} USD` : "";
  const calls = `${used.modelCalls} model call${used.modelCalls === 1 ? "" : "s"}`;
  return `${calls} · ${used.inputTokens} tokens in, ${used.outputTokens} out${cost}`;
}

function speculation({ toolCalls }: Turn): string[] {
  if (!toolCalls.some((record) => record.early)) return [];
  const sum = (pick: "savedMs" | "wastedMs") => toolCalls.reduce((total, record) => total + record[pick], 0);
  return [`  early calls saved ${readable(sum("savedMs"))} (estimate), wasted ${readable(sum("wastedMs"))}`];
}
