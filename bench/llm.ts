/**
 * Client CPU of one model stream of 100 tokens: through a tier as the services use it, with retries, breaker and metrics, and
 * through the stream iterator of `openai`, which is the reference. The model is a process of its own; both take turns.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTier } from "@forerun/llm/tier-models";
import { DisposalStack } from "@forerun/runtime/disposal";
import { createMetrics } from "@forerun/telemetry/metrics";
import { passThroughTracer } from "@forerun/telemetry/tracing";
import OpenAI from "openai";
import { type Measurement, summary } from "./measurement.ts";
import { startCandidate } from "./overhead/processes.ts";

const TOKENS = 100;
const ROUNDS = 9;
/** Rounds in which the engine still compiles. */
const WARM_UP = 3;

type Pace = { name: string; tokenMs: number; streams: number; concurrent: number; aim: number };

const PACES: readonly Pace[] = [
  { name: "burst", tokenMs: 0, streams: 256, concurrent: 8, aim: 0.45 },
  { name: "2 ms a token", tokenMs: 2, streams: 64, concurrent: 32, aim: 0.8 },
];

type Way = { name: string; read(text: string): Promise<string> };

export async function* run(): AsyncGenerator<Measurement> {
  await using stack = new DisposalStack();
  const url = await startModel(stack);
  const reference = openaiWay(url);
  const ours = tierWay(url, stack);
  for (const pace of PACES) {
    const costs = await measure([reference, ours], pace);
    const base = summary(costs.get(reference) ?? []).median;
    for (const [way, values] of costs) {
      const figures = summary(values);
      const ratio = figures.median / base;
      const aimed = way === ours;
      yield {
        bench: "llm",
        case: `${way.name}, ${pace.name}`,
        metric: "cpu_per_stream",
        unit: "ms",
        ...figures,
        reference: base,
        ratio,
        aim: aimed ? `<= ${pace.aim} × openai` : null,
        met: aimed ? ratio <= pace.aim : null,
      };
    }
  }
}

/** A scripted model in a process of its own; the words of a message choose its pace. */
async function startModel(stack: DisposalStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bench-llm-"));
  stack.defer(() => rm(folder, { recursive: true }));
  const script = join(folder, "script.json");
  const steps = PACES.map(({ name, tokenMs }) => ({
    match: { kind: "answer", contains: name },
    reply: { text: "token ".repeat(TOKENS).trimEnd() },
    token_ms: tokenMs,
    times: 1_000_000,
  }));
  await writeFile(script, JSON.stringify({ steps }));
  const main = "packages/testing/src/scripted-model/main.ts";
  const model = await startCandidate<{ model_url: string }>([main, "--port", "0", "--script", script], {});
  stack.defer(() => model[Symbol.asyncDispose]());
  return model.model_url;
}

function openaiWay(url: string): Way {
  const client = new OpenAI({ baseURL: url, apiKey: "none", maxRetries: 0 });
  return {
    name: "openai's iterator",
    async read(content) {
      const stream = await client.chat.completions.create({
        model: "m",
        messages: [{ role: "user", content }],
        stream: true,
        stream_options: { include_usage: true },
      });
      let text = "";
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
      return text;
    },
  };
}

function tierWay(url: string, stack: DisposalStack): Way {
  const { meter } = stack.use(createMetrics("bench"));
  const common = [{ url, key: undefined, model: "m", timeoutMs: 30_000 }];
  const tier = stack.use(
    openTier("answer", { common, tenants: new Map() }, { meter, tracer: passThroughTracer }),
  );
  return {
    name: "forerun",
    async read(content) {
      const model = tier.modelFor({ tenant: "local", traceparent: undefined, timeLeftMs: 60_000 });
      const { signal } = new AbortController();
      let text = "";
      for await (const event of model?.stream({ messages: [{ role: "user", content }] }, signal) ?? []) {
        if (event.kind === "failed") throw event.error;
        if (event.kind === "text") text += event.text;
      }
      return text;
    },
  };
}

/** Milliseconds of this process's CPU a stream, a list for each way. */
async function measure(ways: readonly Way[], pace: Pace): Promise<Map<Way, number[]>> {
  const costs = new Map<Way, number[]>(ways.map((way) => [way, []]));
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    for (const way of ways) {
      const before = process.cpuUsage();
      await readStreams(way, pace);
      const { user, system } = process.cpuUsage(before);
      if (round >= WARM_UP) costs.get(way)?.push((user + system) / 1_000 / pace.streams);
    }
  }
  return costs;
}

async function readStreams(way: Way, { name, streams, concurrent }: Pace): Promise<void> {
  const reader = async () => {
    for (let at = 0; at < streams / concurrent; at++) {
      const words = (await way.read(name)).split(" ").length;
      if (words !== TOKENS) throw new Error(`${way.name} read ${words} of ${TOKENS} tokens`);
    }
  };
  await Promise.all(Array.from({ length: concurrent }, reader));
}
