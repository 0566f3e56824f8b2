import type { TurnView } from "./turn-view.ts";

export type SpanKind = "memory" | "route" | "tool" | "answer";

/** One bar of the timeline; milliseconds since the turn began. */
export type Span = {
  key: string;
  kind: SpanKind;
  label: string;
  /** Outcome in a word or two, since colour alone tells nothing to many. */
  note: string;
  startMs: number;
  endMs: number;
};

export type Timeline = { spans: Span[]; totalMs: number };

/** The turn's work in order of its begin; undefined while nothing has been timed. Spans under way end at `nowMs`. */
export function timelineOf({ marks, calls }: TurnView, nowMs: number): Timeline | undefined {
  const spans: Span[] = [];
  if (marks.memoryMs !== undefined) {
    const note = marks.snippets === 1 ? "1 snippet" : `${marks.snippets} snippets`;
    spans.push({ key: "memory", kind: "memory", label: "memory", note, startMs: 0, endMs: marks.memoryMs });
  }
  if (marks.routeMs !== undefined) {
    const note = marks.routeTier === 0 ? "ranked here" : "by model";
    spans.push({ key: "route", kind: "route", label: "route", note, startMs: 0, endMs: marks.routeMs });
  }
  for (const call of calls) {
    const note = call.early ? `${call.state}, early` : call.state;
    const endMs = call.endMs ?? nowMs;
    spans.push({ key: call.callId, kind: "tool", label: call.name, note, startMs: call.startMs, endMs });
  }
  const answer = answerSpan(marks.firstWordMs, marks.endMs ?? nowMs, spans);
  if (answer) spans.push(answer);
  if (spans.length === 0) return undefined;
  return { spans, totalMs: Math.max(1, marks.endMs ?? nowMs, ...spans.map(({ endMs }) => endMs)) };
}

/** The answer is on its way from the moment the last step before it ended; its first word comes later. */
function answerSpan(
  firstWordMs: number | undefined,
  endMs: number,
  before: readonly Span[],
): Span | undefined {
  if (firstWordMs === undefined) return undefined;
  const ready = before.filter(({ endMs: at }) => at <= firstWordMs).map(({ endMs: at }) => at);
  const note = `first word ${duration(firstWordMs)}`;
  return { key: "answer", kind: "answer", label: "answer", note, startMs: Math.max(0, ...ready), endMs };
}

/** "840 ms", "1.3 s". */
export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}
