import { type Turn, TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { duration } from "@forerun/timeline/duration";
import type { Span, Timeline } from "@forerun/timeline/timeline";
import { clip } from "../describe-call.ts";

const LABEL_WIDTH = 15;
const BAR_WIDTH = 24;
const TIME_WIDTH = 8;
const NOTE_WIDTH = 80 - 2 - LABEL_WIDTH - 2 - BAR_WIDTH - TIME_WIDTH - 2;

/** Draws a turn in at most 80 columns: one line a part, then first word, tokens, and what early calls brought. */
export function drawWaterfall(turn: Turn, timeline: Timeline): string[] {
  return [
    `  Turn ${turn.turnId}  ${stateWord(turn)}`,
    "",
    ...timeline.spans.map((span) => row(span, timeline)),
    "",
    `  ${times(timeline)}`,
    `  ${usage(turn)}`,
    ...speculation(timeline),
  ];
}

function row(span: Span, timeline: Timeline): string {
  // A call that uses what another brought stands under it.
  const label = span.after.length > 0 ? `↳ ${span.label}` : span.label;
  const time = span.kind === "draft" ? "" : duration(span.endMs - span.startMs);
  const needs = span.after.length > 0 ? [`after ${span.after.join(", ")}`] : [];
  const note = [MARKS[span.mark ?? "none"], [...span.words, ...needs].join(", ")].filter(Boolean).join(" ");
  const bar = drawBar(span, timeline);
  const line = `  ${clip(label, LABEL_WIDTH).padEnd(LABEL_WIDTH)} │${bar}${time.padStart(TIME_WIDTH)}  ${clip(note, NOTE_WIDTH)}`;
  return line.trimEnd();
}

const MARKS = { used: "✓", unused: "✕", running: "…", none: "" } as const;

/** At least one cell, so that what took no time is still seen where it happened; the decision runs through all rows. */
function drawBar({ kind, mark, startMs, endMs }: Span, { totalMs, decidedMs }: Timeline): string {
  const cellOf = (ms: number) => Math.min(BAR_WIDTH - 1, Math.floor((ms / Math.max(1, totalMs)) * BAR_WIDTH));
  const cells = new Array<string>(BAR_WIDTH).fill(" ");
  if (decidedMs !== undefined) cells[cellOf(decidedMs)] = "┊";
  const start = cellOf(startMs);
  const length = Math.max(1, Math.round(((endMs - startMs) / Math.max(1, totalMs)) * BAR_WIDTH));
  const cell = kind === "draft" ? "◇" : mark === "unused" ? "░" : "█";
  cells.fill(cell, start, start + length);
  return cells.join("");
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
  const firstWord = firstWordMs === undefined ? "no word" : `first word ${duration(firstWordMs)}`;
  return `${firstWord} · total ${duration(totalMs)}`;
}

function usage({ usage: used }: Turn): string {
  if (!used || used.modelCalls === 0) return "no model call";
  const cost = used.costMicros > 0 ? ` · ${(used.costMicros / 1_000_000).toFixed(6)} USD` : "";
  const unused = used.discardedModelCalls > 0 ? ` (${used.discardedModelCalls} discarded)` : "";
  const calls = `${used.modelCalls} model call${used.modelCalls === 1 ? "" : "s"}${unused}`;
  return `${calls} · ${used.inputTokens} tokens in, ${used.outputTokens} out${cost}`;
}

function speculation({ early, savedMs, wastedMs, totalMs }: Timeline): string[] {
  if (early.started === 0) return [];
  const used = `  early calls: ${early.used} of ${early.started} used, ${duration(savedMs)} saved (estimate), ${duration(wastedMs)} wasted`;
  return savedMs > 0 ? [used, `  had the tools waited: ${duration(totalMs + savedMs)} (estimate)`] : [used];
}
