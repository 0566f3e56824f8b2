/** More than one process can do, in an open loop: what still gets done, how the rest is refused, and how soon all is well again. */
import { Agent } from "undici";
import { type Measurement, quantile, summary } from "../measurement.ts";
import { arrive, keepBusy } from "./arrivals.ts";
import { figure } from "./figure.ts";
import { type LoadBench, memoryMb } from "./servers.ts";
import { SETTINGS } from "./settings.ts";
import { askForNote, type Outcome } from "./turn.ts";

const WARM_UP_SECONDS = 10;
const UNLOADED_SECONDS = 3;
/** Clients that between them keep a process busy; the best of these is its peak. */
const BUSY = [8, 16, 32];
const PEAK_SECONDS = 4;
const TIMES_CAPACITY = [2, 10];
const BACK_WITHIN_MS = 10_000;
/** Turns in a row that take no longer than one did before. */
const NORMAL_TURNS = 5;

/** Turns a second at best, and milliseconds of one alone: median, and all but one in a hundred. */
type Unloaded = { capacity: number; p50: number; p99: number };

export async function* measureOverload(store: string, bench: LoadBench): AsyncGenerator<Measurement> {
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  try {
    const ask = () => askForNote(agent, bench.http);
    await keepBusy(8, WARM_UP_SECONDS, ask);
    const unloaded = await measureUnloaded(ask);
    yield figure(`${store}, one turn at a time`, "turn p50", "ms", [unloaded.p50]);
    yield figure(`${store}, one turn at a time`, "turn p99", "ms", [unloaded.p99]);
    yield figure(`${store}, closed loop`, "capacity", "turns/s", [unloaded.capacity]);
    for (const times of TIMES_CAPACITY) {
      yield* overload(`${store}, ${times} x capacity`, times, unloaded, ask);
      yield figure(`${store}, ${times} x capacity`, "memory of the server at its peak", "MB", [
        memoryMb(bench.pid).peak,
      ]);
    }
  } finally {
    await agent.destroy();
  }
}

async function measureUnloaded(ask: () => Promise<Outcome>): Promise<Unloaded> {
  const alone: number[] = [];
  await keepBusy(1, UNLOADED_SECONDS, async () => alone.push((await ask()).ms));
  const rates: number[] = [];
  for (const clients of BUSY) {
    let done = 0;
    await keepBusy(clients, PEAK_SECONDS, async () => {
      if ((await ask()).kind === "done") done++;
    });
    rates.push(done / PEAK_SECONDS);
  }
  const sorted = alone.sort((a, b) => a - b);
  return { capacity: Math.max(...rates), p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
}

async function* overload(
  label: string,
  times: number,
  unloaded: Unloaded,
  ask: () => Promise<Outcome>,
): AsyncGenerator<Measurement> {
  const asked: Promise<Outcome>[] = [];
  const begun = performance.now();
  const late = await arrive(times * unloaded.capacity, SETTINGS.seconds, () => asked.push(ask()));
  const over = performance.now();
  const backMs = await backToNormal(unloaded, ask, over);
  const outcomes = await Promise.all(asked);
  const inTime = outcomes.filter(({ kind, endedAt }) => kind === "done" && endedAt <= over).length;
  const goodput = (inTime / (over - begun)) * 1000;
  yield figure(label, "goodput", "turns/s", [goodput], {
    ...{ reference: unloaded.capacity, aim: { atLeast: 0.9 }, of: "peak" },
  });
  yield* refusals(label, outcomes);
  const admitted = times99(outcomes, "done");
  yield figure(label, "admitted p99", "ms", admitted, {
    ...{ reference: unloaded.p99, aim: { atMost: 2 }, of: "unloaded p99" },
  });
  yield figure(label, "back to normal after", "ms", [backMs], { aim: { atMost: BACK_WITHIN_MS } });
  yield figure(label, "requests begun late by the client", "ms", [summary(late).median]);
}

function* refusals(label: string, outcomes: readonly Outcome[]): Generator<Measurement> {
  const refused = outcomes.filter(({ kind }) => kind === "refused");
  const other = outcomes.filter(({ kind }) => kind === "other");
  yield figure(label, "refused", "of all", [refused.length / outcomes.length]);
  if (refused.length > 0) {
    const ms = refused.map((outcome) => outcome.ms).sort((a, b) => a - b);
    yield figure(label, "refused within, p50", "ms", [quantile(ms, 0.5)]);
    yield figure(label, "refused within, p99", "ms", [quantile(ms, 0.99)], { aim: { atMost: 50 } });
  }
  // Neither done, nor refused with a code that says so and a time to come back.
  const whys = [...new Set(other.map(({ why }) => why))].slice(0, 3).join("; ");
  const metric = `lost${whys && ` (${whys})`}`;
  yield figure(label, metric, "requests", [other.length], { aim: { atMost: 0 } });
}

/** Their 99th percentile; not a number where there is none. */
function times99(outcomes: readonly Outcome[], kind: Outcome["kind"]): [number] {
  const ms = outcomes.filter((outcome) => outcome.kind === kind).map((outcome) => outcome.ms);
  return [
    ms.length === 0
      ? Number.NaN
      : quantile(
          ms.sort((a, b) => a - b),
          0.99,
        ),
  ];
}

/** Milliseconds until turns, one at a time, are done as fast as before: some in a row within the 99th percentile of then. */
async function backToNormal({ p99 }: Unloaded, ask: () => Promise<Outcome>, since: number): Promise<number> {
  let inARow = 0;
  let from = performance.now();
  while (inARow < NORMAL_TURNS && performance.now() - since < 6 * BACK_WITHIN_MS) {
    const asked = performance.now();
    const { kind, ms } = await ask();
    const normal = kind === "done" && ms <= p99;
    if (normal && inARow === 0) from = asked;
    inARow = normal ? inARow + 1 : 0;
  }
  return inARow < NORMAL_TURNS ? performance.now() - since : from - since;
}
