import { type Measurement, summary } from "../measurement.ts";
import type { FirstText } from "./first-text.ts";
import { measured } from "./measured.ts";
import type { Times } from "./open-bench.ts";
import type { ToolCounters } from "./slow-tool.ts";

/** How each call of the tool stands in the ledger when it ran to its end. */
const FINISHED = ["OUTCOME_HIT", "OUTCOME_LATE", "OUTCOME_MISS", "OUTCOME_COMMITTED"];

/** Holds the ledger of all turns against what the tool saw of itself. */
export function* ledger(
  times: Times,
  turns: readonly FirstText[],
  counters: ToolCounters,
): Generator<Measurement> {
  const label = `${times.route}/${times.tool}/${times.answer}`;
  const records = turns.flatMap((turn) => turn.records);
  const count = (...outcomes: string[]) => records.filter(({ outcome }) => outcomes.includes(outcome)).length;
  yield agrees(`${label} ledger: calls started`, records.length, counters.started);
  yield agrees(`${label} ledger: calls finished`, count(...FINISHED), counters.finished);
  yield agrees(`${label} ledger: calls stopped`, count("OUTCOME_CANCELLED"), counters.stopped);
  const sum = (of: (record: FirstText["records"][number]) => number) =>
    records.reduce((total, record) => total + of(record), 0);
  yield aTurn(
    `${label} saved (estimate) a turn`,
    sum(({ savedMs }) => savedMs),
    turns.length,
  );
  yield aTurn(
    `${label} wasted a turn`,
    sum(({ wastedMs }) => wastedMs),
    turns.length,
  );
  const discarded = turns.reduce((total, turn) => total + turn.discardedAnswers, 0);
  yield {
    ...aTurn(`${label} answers begun for nothing a turn`, discarded, turns.length),
    metric: "model calls",
    unit: "",
  };
}

/** Milliseconds from the decision's event to the signal that a wrong early call's tool gets. */
export function loserStops(turns: readonly FirstText[], { stoppedAt }: ToolCounters): Measurement {
  // Fewer than all turns, since a tenant that wastes so much pauses.
  const decidedAt = turns
    .filter(({ records }) => records.some(({ outcome }) => outcome === "OUTCOME_CANCELLED"))
    .map((turn) => turn.decidedAt);
  const spread = summary(stoppedAt.map((at, stop) => at - (decidedAt[stop] ?? Number.NaN)));
  const aim = { aim: "<= 50 ms", met: spread.median <= 50 && stoppedAt.length === decidedAt.length };
  return { ...measured("a loser's tool is told to stop", spread), metric: "after the decision", ...aim };
}

function agrees(label: string, told: number, seen: number): Measurement {
  return {
    ...measured(label, summary([told])),
    ...{ metric: "calls", unit: "", reference: seen, ratio: seen === 0 ? null : told / seen },
    ...{ aim: "the tool's own count", met: told === seen },
  };
}

function aTurn(label: string, ms: number, turns: number): Measurement {
  return { ...measured(label, summary([ms / turns])), metric: "tool time", reps: turns };
}
