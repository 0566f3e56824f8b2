/** A thousand answers side by side at 20 tokens a second. */
import { setTimeout as wait } from "node:timers/promises";
import { Agent } from "undici";
import { type Measurement, quantile } from "../measurement.ts";
import { cpuMs } from "../overhead/processes.ts";
import { figure } from "./figure.ts";
import { STORIES, type Told } from "./script.ts";
import { type LoadBench, memoryMb } from "./servers.ts";
import { SETTINGS } from "./settings.ts";
import { COMPLETED, type Streamed, streamOnce } from "./stream.ts";

/** All at one tick would measure a queue that no users make. */
const STARTED_WITHIN_MS = 5_000;
const WARM_UP_TURNS = 200;
/** How long after its time by the model's schedule a word is late. */
const LATE_MS = 100;

type Ask = (agent: Agent, told: Told) => Promise<Streamed>;
type Heard = { told: Told; streamed: Streamed };

export async function* measureStreams(store: string, bench: LoadBench): AsyncGenerator<Measurement> {
  const alone: Ask = (agent, { ask }) =>
    streamOnce(agent, `${bench.modelUrl}/chat/completions`, {
      ...{ model: "scripted", stream: true, messages: [{ role: "user", content: ask }] },
    });
  const asked: Ask = (agent, { ask }) => streamOnce(agent, `${bench.http}/chat`, { text: ask });
  const bare = await streamAll(SETTINGS.streams, alone);
  const schedule = scheduleOf(bare);
  yield* report(`${SETTINGS.streams} streams, the model alone`, bare, schedule);
  await streamAll(WARM_UP_TURNS, asked);
  const [cpuBefore, begun] = [cpuMs([bench.pid]), performance.now()];
  const heard = await streamAll(SETTINGS.streams, asked);
  const cores = (cpuMs([bench.pid]) - cpuBefore) / (performance.now() - begun);
  const label = `${SETTINGS.streams} streams, ${store}`;
  yield* report(label, heard, schedule);
  yield* added(label, firstWords(heard), firstWords(bare));
  yield figure(label, "cores of the server", "cores", [cores]);
  yield figure(label, "memory of the server at its peak", "MB", [memoryMb(bench.pid).peak]);
}

async function streamAll(count: number, ask: Ask): Promise<Heard[]> {
  const agent = new Agent();
  const one = async (at: number): Promise<Heard> => {
    await wait((at / count) * STARTED_WITHIN_MS);
    const told = STORIES[at % STORIES.length] as Told;
    return { told, streamed: await ask(agent, told).catch(broken) };
  };
  try {
    return await Promise.all(Array.from({ length: count }, (_, at) => one(at)));
  } finally {
    await agent.destroy();
  }
}

/** A stream that broke off counts as one that heard nothing. */
function broken(fault: unknown): Streamed {
  return { text: "", wordMs: [], end: fault instanceof Error ? fault.message : String(fault) };
}

function wholeOf(heard: readonly Heard[]): Streamed[] {
  return heard
    .filter(({ told, streamed }) => COMPLETED.has(streamed.end) && streamed.text === told.text)
    .map(({ streamed }) => streamed);
}

/** Milliseconds from the first word to each other, as the model's own streams have them in the middle. */
function scheduleOf(heard: readonly Heard[]): number[] {
  const streams = wholeOf(heard).map(sinceFirst);
  const [one = []] = streams;
  return one.map((_, word) => quantile(ascending(streams.map((ms) => ms[word] ?? 0)), 0.5));
}

function* report(
  label: string,
  heard: readonly Heard[],
  schedule: readonly number[],
): Generator<Measurement> {
  const whole = wholeOf(heard);
  const others = heard.map(({ streamed }) => streamed.end).filter((end) => !COMPLETED.has(end));
  const every = { aim: { atLeast: heard.length } };
  const ends = [...new Set(others)].slice(0, 3).join("; ");
  yield figure(
    label,
    `completed${ends && ` (else ${ends})`}`,
    "streams",
    [heard.length - others.length],
    every,
  );
  yield figure(label, "in order and whole", "streams", [whole.length], every);
  const late = whole.map(
    (streamed) => sinceFirst(streamed).filter((ms, word) => ms > (schedule[word] ?? 0) + LATE_MS).length,
  );
  const words = whole.length * schedule.length;
  yield figure(label, `words over ${LATE_MS} ms late`, "of all", [
    late.reduce((sum, count) => sum + count, 0) / words,
  ]);
  const first = firstWords(heard);
  yield figure(label, "first word p50", "ms", [quantile(first, 0.5)]);
  yield figure(label, "first word p99", "ms", [quantile(first, 0.99)]);
}

function* added(label: string, first: readonly number[], bare: readonly number[]): Generator<Measurement> {
  for (const share of [0.5, 0.99]) {
    const ms = quantile(first, share) - quantile(bare, share);
    const metric = `added to the first word, p${share * 100}`;
    yield figure(label, metric, "ms", [ms], share === 0.5 ? { aim: { atMost: 15 } } : {});
  }
}

function firstWords(heard: readonly Heard[]): number[] {
  return ascending(wholeOf(heard).map(({ wordMs }) => wordMs[0] ?? 0));
}

function sinceFirst({ wordMs }: Streamed): number[] {
  return wordMs.map((ms) => ms - (wordMs[0] ?? 0));
}

function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}
