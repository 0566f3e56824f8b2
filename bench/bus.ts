/**
 * What the bus costs. In one process: CPU of an early call over it, beside a direct call of the executor. Over NATS, with the
 * executor in another process: how long calls of eight tools at once take, beside one; and the bare messages of both.
 * All ways in turn, so that a busy machine slows all alike.
 */

import { type CallWay, openCallWays } from "./bus/call-ways.ts";
import { openFanOut } from "./bus/fan-out.ts";
import { type Measurement, summary } from "./measurement.ts";

const ROUNDS = 9;
const CALLS = 1_000;
/** Microseconds that the bus may add to a call. */
const MOST_ADDED_US = 200;
const FAN_OUTS = 60;
/** Milliseconds that a tool takes. */
const TOOL_MS = 20;
const MOST_OF_ONE = 1.3;

export async function* run(): AsyncGenerator<Measurement> {
  yield* costInOneProcess();
  yield* fanOutOverNats();
}

async function* costInOneProcess(): AsyncGenerator<Measurement> {
  await using ways = await openCallWays();
  const costs = { direct: [] as number[], bus: [] as number[] };
  for (let round = -2; round < ROUNDS; round++) {
    for (const way of ["direct", "bus"] as const) {
      const us = await cpuOf(ways[way]);
      if (round >= 0) costs[way].push(us);
    }
  }
  const direct = summary(costs.direct);
  const bus = summary(costs.bus);
  const line = { bench: "bus", metric: "cpu_per_call", unit: "µs", reference: direct.median };
  yield { ...line, case: "direct call", ...direct, ratio: 1, aim: null, met: null };
  const met = bus.median - direct.median <= MOST_ADDED_US;
  const aim = `<= ${MOST_ADDED_US} µs more than direct`;
  yield { ...line, case: "over the bus", ...bus, ratio: bus.median / direct.median, aim, met };
}

/** Microseconds of CPU a call. */
async function cpuOf(way: CallWay): Promise<number> {
  const before = process.cpuUsage();
  for (let call = 0; call < CALLS; call++) await way(`c${call}`);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CALLS;
}

async function* fanOutOverNats(): AsyncGenerator<Measurement> {
  await using fanOut = await openFanOut();
  yield* compared("bare messages", fanOut.request, fanOut.gather, MOST_OF_ONE);
  const calls = (ms: number) => [() => fanOut.calls(1, ms), () => fanOut.calls(8, ms)] as const;
  yield* compared(`tools of ${TOOL_MS} ms`, ...calls(TOOL_MS), MOST_OF_ONE);
  // The executor is one thread: without anything to wait for, eight calls are eight times its work.
  yield* compared("tools of no time", ...calls(0), undefined);
}

/** How long one takes, and eight. */
async function* compared(
  what: string,
  one: () => Promise<void>,
  eight: () => Promise<void>,
  most: number | undefined,
): AsyncGenerator<Measurement> {
  const took = { one: [] as number[], eight: [] as number[] };
  for (let round = -10; round < FAN_OUTS; round++) {
    const times = { one: await timeOf(one), eight: await timeOf(eight) };
    if (round < 0) continue;
    took.one.push(times.one);
    took.eight.push(times.eight);
  }
  const single = summary(took.one);
  const fanned = summary(took.eight);
  const ratio = fanned.median / single.median;
  const line = { bench: "bus", metric: "latency", unit: "ms", reference: single.median };
  yield { ...line, case: `one, ${what}`, ...single, ratio: 1, aim: null, met: null };
  const aim = most === undefined ? null : `<= ${most} × one`;
  yield { ...line, case: `eight at once, ${what}`, ...fanned, ratio, aim, met: most ? ratio <= most : null };
}

async function timeOf(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
