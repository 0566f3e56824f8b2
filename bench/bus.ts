/**
 * CPU of an early call in one process: over the bus, and as a direct call of the executor, which is the reference. The tool gives
 * back what it gets. Both ends in this process, both ways in turn, so that a busy machine slows both alike.
 */

import { type CallWay, openCallWays } from "./bus/call-ways.ts";
import { type Measurement, summary } from "./measurement.ts";

const ROUNDS = 9;
const CALLS = 1_000;
/** Milliseconds that the bus may add to a call. */
const MOST_ADDED_US = 200;

export async function* run(): AsyncGenerator<Measurement> {
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
