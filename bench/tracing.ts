/**
 * What spans cost a turn: CPU of the process that makes them, batching and sending included, beside the same calls with tracing
 * off. Then what handing contexts on by AsyncLocalStorage would cost instead, whether a turn is traced or not.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { DisposalStack } from "@forerun/runtime/disposal";
import { silentLogger } from "@forerun/runtime/logger";
import { RPC, SPANS } from "@forerun/telemetry/names";
import { openTracing } from "@forerun/telemetry/open-tracing";
import type { Tracer } from "@forerun/telemetry/tracing";
import { type Measurement, summary } from "./measurement.ts";
import { startCandidate } from "./overhead/processes.ts";

const REPS = 7;
const WARM_UPS = 5;
/** At once; their spans are fewer than the exporter has batches under way at most. */
const TURNS = 500;
/** Turns between two pauses, which are long enough to send what has gathered. */
const TURNS_AT_ONCE = 25;
const PAUSE_MS = 12;

/** Spans of a turn with one early call: our own, those of four services, of the bus and of two models. */
const SPANS_A_TURN = 16;
const SERVICES = ["chat", "router", "tool-executor", "answer", "memory"];

/** Awaits of an answer of 200 words on its way through a process, three generators deep. */
const WORDS = 200;

export async function* run(): AsyncGenerator<Measurement> {
  await using resources = new DisposalStack();
  const sink = resources.use(await startCandidate<{ url: string }>(["bench/tracing/serve-sink.ts"], {}));
  const off = await cpuOfTurns({});
  yield line("off", off, null);
  const reference = summary(off).median;
  for (const [name, share] of [
    ["on, no turn sampled", "0"],
    ["on, one turn in ten", "0.1"],
    ["on, every turn", "1"],
  ] as const) {
    const sampler = { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: share };
    const queue = { OTEL_BSP_SCHEDULE_DELAY: "200", OTEL_BSP_MAX_QUEUE_SIZE: "100000" };
    const cpu = await cpuOfTurns({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.url, ...sampler, ...queue });
    yield line(name, cpu, reference);
  }
  const byHand = await cpuOf(answer, 100);
  yield { ...line("context by hand", byHand, null), metric: `CPU an answer of ${WORDS} words` };
  // Last: once there is one, every promise of the process is watched.
  const storage = new AsyncLocalStorage<string>();
  const stored = await cpuOf(() => storage.run("context", answer), 100);
  const last = line("context by AsyncLocalStorage", stored, summary(byHand).median);
  yield { ...last, metric: `CPU an answer of ${WORDS} words` };
}

/** Each time with a tracer of its own, whose end sends what is left: what is made is paid for. */
async function cpuOfTurns(variables: Record<string, string>): Promise<number[]> {
  Object.assign(process.env, variables);
  const turns = async () => {
    await using tracing = await openTracing(process.env, silentLogger);
    const tracers = SERVICES.map(tracing.tracerOf);
    for (let at = 0; at < TURNS; at++) {
      turn(tracers);
      if (at % TURNS_AT_ONCE === 0) await wait(PAUSE_MS);
    }
  };
  for (let time = 0; time < WARM_UPS; time++) await turns();
  return cpuOf(turns, 1, TURNS);
}

function turn(tracers: readonly Tracer[]): void {
  const root = tracers[0]?.start(SPANS.turn, undefined);
  for (let at = 1; at < SPANS_A_TURN; at++) {
    const attributes = { [RPC.system]: "grpc", [RPC.service]: "forerun.v1.Service", [RPC.method]: "Method" };
    const tracer = tracers[at % tracers.length];
    const span = tracer?.start("forerun.v1.Service/Method", root?.traceparent, {
      kind: "server",
      attributes,
    });
    span?.setAttributes({ [RPC.statusCode]: "OK" });
    span?.end();
  }
  root?.end();
}

async function answer(): Promise<void> {
  for await (const _ of passedOn(passedOn(words())));
}

async function* words(): AsyncGenerator<string> {
  for (let at = 0; at < WORDS; at++) yield "word";
}

async function* passedOn(source: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const word of source) yield word;
}

/** Microseconds of CPU of one unit of work, each time that it was done `times` over. */
async function cpuOf(work: () => Promise<void>, times: number, units = 1): Promise<number[]> {
  const figures: number[] = [];
  for (let rep = 0; rep <= REPS; rep++) {
    const before = process.cpuUsage();
    for (let time = 0; time < times; time++) await work();
    const { user, system } = process.cpuUsage(before);
    // The first one warms up.
    if (rep > 0) figures.push((user + system) / times / units);
  }
  return figures;
}

function line(name: string, values: readonly number[], reference: number | null): Measurement {
  const { median, ...rest } = summary(values);
  return {
    bench: "tracing",
    case: name,
    metric: `CPU a turn of ${SPANS_A_TURN} spans`,
    unit: "µs",
    median,
    ...rest,
    reference,
    ratio: reference === null ? null : median / reference,
    aim: null,
    met: null,
  };
}
