/**
 * CPU of one call and of one streamed message: both ends in this process, every way in turn, so that a busy machine slows all
 * alike. The reference is grpc-js used by hand with the same codec, without claims, validation or error codes.
 */
import { DisposalStack } from "@forerun/runtime/disposal";
import { type Measurement, summary } from "./measurement.ts";
import { localWay, meshWay, nativeWay, type Way } from "./rpc/ways.ts";

const ROUNDS = 7;
const CONCURRENT = 64;
const CALLS = 2_048;
const STREAMS = 20;
const MESSAGES = 200;

/** The cost over a socket may exceed the reference's by this share. */
const AIM = 1.25;

export async function* run(): AsyncGenerator<Measurement> {
  await using stack = new DisposalStack();
  const reference = await nativeWay(stack);
  const ours = await meshWay(stack);
  const ways = [reference, ours, localWay("share"), localWay("clone")];
  for (const [metric, work] of [
    ["cpu_per_unary_call", unaryCalls],
    ["cpu_per_streamed_message", streamedMessages],
  ] as const) {
    const costs = await measure(ways, work);
    const base = summary(costs.get(reference) ?? []).median;
    for (const [way, values] of costs) {
      const figures = summary(values);
      const ratio = figures.median / base;
      const aimed = way === ours;
      yield {
        bench: "rpc",
        case: way.name,
        metric,
        unit: "µs",
        ...figures,
        reference: base,
        ratio,
        aim: aimed ? `<= ${AIM} × native` : null,
        met: aimed ? ratio <= AIM : null,
      };
    }
  }
}

/** Microseconds of CPU a unit of work, a list for each way; the first round only warms up. */
async function measure(
  ways: readonly Way[],
  work: (way: Way) => Promise<number>,
): Promise<Map<Way, number[]>> {
  const costs = new Map<Way, number[]>(ways.map((way) => [way, []]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const way of ways) {
      const before = process.cpuUsage();
      const units = await work(way);
      const { user, system } = process.cpuUsage(before);
      if (round > 0) costs.get(way)?.push((user + system) / units);
    }
  }
  return costs;
}

async function unaryCalls(way: Way): Promise<number> {
  const caller = async () => {
    for (let call = 0; call < CALLS / CONCURRENT; call++) await way.unary();
  };
  await Promise.all(Array.from({ length: CONCURRENT }, caller));
  return CALLS;
}

async function streamedMessages(way: Way): Promise<number> {
  let read = 0;
  for (let stream = 0; stream < STREAMS; stream++) read += await way.stream(MESSAGES);
  return read;
}
