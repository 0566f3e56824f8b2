import { useLayoutEffect, useRef } from "preact/hooks";
import { duration, type Span, timelineOf } from "../model/timeline.ts";
import type { TurnView } from "../model/turn-view.ts";

/** The turn as a waterfall. It is one table, so what the bars show can also be read, by people and by screen readers. */
export function TimelineTable({ turn }: { turn: TurnView }) {
  const section = useRef<HTMLElement>(null);
  const timeline = timelineOf(turn, turn.marks.endMs ?? 0);
  const rows = timeline?.spans.length;
  useLayoutEffect(() => {
    if (rows) section.current?.scrollIntoView({ block: "nearest" });
  }, [rows]);
  if (!timeline) return <p class="timeline-empty">No step of this turn was timed.</p>;
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
            <Row key={span.key} span={span} totalMs={totalMs} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ span, totalMs }: { span: Span; totalMs: number }) {
  const share = (ms: number): string => `${(100 * ms) / totalMs}%`;
  return (
    <tr class={`step-${span.kind}`}>
      <th scope="row">{span.label}</th>
      <td class="track" aria-hidden="true">
        <span
          class="span"
          style={{ marginLeft: share(span.startMs), width: share(span.endMs - span.startMs) }}
        />
      </td>
      <td class="number">{duration(span.startMs)}</td>
      <td class="number">{duration(span.endMs - span.startMs)}</td>
      <td>{span.note}</td>
    </tr>
  );
}
