import { type Measurement, quantile, summary } from "../measurement.ts";
import { SYNTHETIC_QUESTIONS, syntheticTools } from "./synthetic-tools.ts";
import { decideParts, type TimedParts } from "./timed-parts.ts";

const SIZES = [10, 100, 1_000, 10_000];
const WARM_UP = 1_000;
const DECISIONS = 1_000;
const REPETITIONS = 9;

/** Microseconds of ranking alone and of a whole decision, by the number of tools. */
export async function* measureSpeed(): AsyncGenerator<Measurement> {
  for (const size of SIZES) {
    const parts = await decideParts(syntheticTools(size));
    time(parts.rank, WARM_UP);
    time(parts.decide, WARM_UP);
    yield* report(`${size} tools`, "ranking", repeated(parts.rank), rankingAims(size));
    yield* report(`${size} tools`, "decision", repeated(parts.decide), decisionAims(size));
  }
}

type Aims = { p50: number | null; p99: number | null };

function rankingAims(size: number): Aims {
  if (size === 1_000) return { p50: 100, p99: 500 };
  return { p50: size === 10_000 ? 1_000 : null, p99: null };
}

function decisionAims(size: number): Aims {
  return { p50: size === 1_000 ? 1_000 : null, p99: null };
}

function repeated(work: TimedParts["rank"]): number[][] {
  return Array.from({ length: REPETITIONS }, () => time(work, DECISIONS));
}

/** Microseconds of each run, ascending. */
function time(work: (text: string) => unknown, times: number): number[] {
  const taken: number[] = [];
  for (let at = 0; at < times; at++) {
    const text = SYNTHETIC_QUESTIONS[at % SYNTHETIC_QUESTIONS.length] ?? "";
    const started = process.hrtime.bigint();
    work(text);
    taken.push(Number(process.hrtime.bigint() - started) / 1000);
  }
  return taken.sort((a, b) => a - b);
}

function* report(
  label: string,
  what: string,
  rounds: readonly number[][],
  aims: Aims,
): Generator<Measurement> {
  for (const [name, share, aim] of [
    ["p50", 0.5, aims.p50],
    ["p99", 0.99, aims.p99],
  ] as const) {
    const figures = summary(rounds.map((round) => quantile(round, share)));
    yield {
      bench: "tier0",
      case: label,
      metric: `${what} ${name}`,
      unit: "µs",
      ...figures,
      reference: aim,
      ratio: aim === null ? null : figures.median / aim,
      aim: aim === null ? null : `< ${aim} µs`,
      met: aim === null ? null : figures.median < aim,
    };
  }
}
