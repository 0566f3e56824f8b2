import { duration } from "@forerun/timeline/duration";
import { type Span, type Timeline, timelineOf } from "@forerun/timeline/timeline";
import type { TurnTiming } from "@forerun/timeline/turn-timing";
import { useLayoutEffect, useRef } from "preact/hooks";
import { CallSign } from "./call-sign.tsx";
import { TraceLink } from "./trace-link.tsx";

/** The turn as a waterfall. It is one table, so what the bars show can also be read, by people and by screen readers. */
export function TimelineTable({ timing, traceId }: { timing: TurnTiming; traceId: string }) {
  const section = useRef<HTMLElement>(null);
  const timeline = timelineOf(timing);
  const rows = timeline.spans.length;
  useLayoutEffect(() => {
    if (rows) section.current?.scrollIntoView({ block: "nearest" });
  }, [rows]);
  if (rows === 0) return <p class="timeline-empty">No step of this turn was timed.</p>;
  const { spans, totalMs } = timeline;
  return (
    <section ref={section} class="timeline" aria-label="Timeline">
      <table>
        <caption class="unseen">How the turn's {duration(totalMs)} were spent</caption>
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col" class="axis">
              <span class="unseen">From start to end</span>
              <span aria-hidden="true">0</span>
              <span aria-hidden="true" class="half">
                {duration(totalMs / 2)}
              </span>
              <span aria-hidden="true">{duration(totalMs)}</span>
            </th>
            <th scope="col">Start</th>
            <th scope="col">Took</th>
            <th scope="col">Outcome</th>
          </tr>
        </thead>
        <tbody>
          {spans.map((span) => (
            <Row key={span.key} span={span} timeline={timeline} />
          ))}
        </tbody>
      </table>
      <EarlyFacts timeline={timeline} />
      <TraceLink traceId={traceId} />
    </section>
  );
}

function Row({ span, timeline: { totalMs, decidedMs } }: { span: Span; timeline: Timeline }) {
  const { kind, label, startMs, endMs, mark, words, after } = span;
  const share = (ms: number): string => `${(100 * ms) / Math.max(1, totalMs)}%`;
  const outcome = [...words, ...(after.length > 0 ? [`after ${after.join(", ")}`] : [])].join(", ");
  return (
    <tr class={`step-${kind}${mark ? ` ${mark}` : ""}`}>
      <th scope="row">{label}</th>
      <td class="track" aria-hidden="true">
        <div class="lane">
          {decidedMs !== undefined && <span class="decided" style={{ left: share(decidedMs) }} />}
          <span class="span" style={{ marginLeft: share(startMs), width: share(endMs - startMs) }} />
        </div>
      </td>
      <td class="number">{duration(startMs)}</td>
      <td class="number">{kind === "draft" ? "–" : duration(endMs - startMs)}</td>
      <td class="outcome">
        {mark && <CallSign mark={mark} />}
        <span>{outcome}</span>
      </td>
    </tr>
  );
}

/** What early calls brought and cost. Without them the turn would have to be asked again to know: an estimate. */
function EarlyFacts({ timeline: { early, savedMs, wastedMs, totalMs } }: { timeline: Timeline }) {
  if (early.started === 0) return null;
  const facts = [
    `${early.used} of ${early.started} early ${early.started === 1 ? "call" : "calls"} used`,
    ...(wastedMs > 0 ? [`${duration(wastedMs)} of work thrown away`] : []),
    ...(savedMs > 0
      ? [`${duration(savedMs)} saved; had the tools waited: ${duration(totalMs + savedMs)} (estimate)`]
      : []),
  ];
  return <p class="early-facts">{facts.join(" · ")}</p>;
}
