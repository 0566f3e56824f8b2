/**
 * What a turn costs, part by part, in one process and in five, beside a bare HTTP echo in the same run. The model is scripted
 * and answers at once with 100 tokens; every turn routes, runs one tool and answers. Parts are differences between candidates
 * that are measured in turn: the plain path keeps nothing and logs nothing. All candidates are warmed up alike, for as long as
 * the engine still compiles: a turn costs three times as much among the first two hundred of a process, and servers run for days.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "@forerun/components/postgres";
import { DisposalStack } from "@forerun/runtime/disposal";
import { startScriptedModel } from "@forerun/testing/scripted-model/server";
import { Pool } from "undici";
import { type Measurement, quantile, summary } from "./measurement.ts";
import { type Candidate, cpuMs, startCandidate } from "./overhead/processes.ts";
import { startSpanSink } from "./overhead/span-sink.ts";

const ROUNDS = 5;
const WARM_UP_TURNS = 1_000;
const TURNS_A_ROUND = 160;
const CONCURRENT = 8;
const LATENCY_TURNS = 30;

type Figures = { cpu: number[]; latency: number[] };

export async function* run(): AsyncGenerator<Measurement> {
  await using resources = new DisposalStack();
  const candidates = await startAll(resources);
  const figures = new Map<string, Figures>(candidates.map(({ name }) => [name, { cpu: [], latency: [] }]));
  for (const candidate of candidates) await load(candidate, WARM_UP_TURNS);
  for (let round = 0; round < ROUNDS; round++) {
    for (const candidate of candidates) {
      const kept = figures.get(candidate.name);
      const before = cpuMs(candidate.pids);
      await load(candidate, TURNS_A_ROUND);
      kept?.cpu.push((cpuMs(candidate.pids) - before) / TURNS_A_ROUND);
      kept?.latency.push(await medianLatency(candidate));
    }
  }
  yield* report(figures);
}

async function startAll(resources: DisposalStack): Promise<Candidate[]> {
  const folder = await mkdtemp(join(tmpdir(), "forerun-bench-"));
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  const postgres = resources.use(await startPostgres());
  const meshPostgres = resources.use(await startPostgres());
  const spans = resources.use(await startSpanSink());
  const model = resources.use(await startScriptedModel(SCRIPT));
  const config = join(folder, "forerun.yaml");
  // The same question again and again would measure the cache.
  await writeFile(config, "cache: {enabled: false}\n");
  const quiet = {
    CONFIG: config,
    MODEL_URL: model.url,
    MODEL: "scripted",
    LOG_LEVEL: "silent",
    TOOLS_DIR: join(folder, "tools"),
    METRICS_ADDR: "127.0.0.1:0",
    PORT: "0",
    GRPC_PORT: "0",
  };
  const traced = {
    OTEL_EXPORTER_OTLP_ENDPOINT: spans.url,
    OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
    OTEL_TRACES_SAMPLER_ARG: "0.1",
  };
  const stack = async (name: string, store: string, env: Record<string, string>): Promise<Candidate> => {
    const started = await startCandidate<{ http: string; pid: number }>(
      ["bench/overhead/serve-stack.ts", store],
      {
        ...quiet,
        DATA_DIR: join(folder, name.replaceAll(/\W+/g, "-")),
        ...env,
      },
    );
    return resources.use({ ...started, name, pids: [started.pid] });
  };
  const echo = await startCandidate<{ http: string; pid: number }>(["bench/overhead/serve-echo.ts"], {});
  const mesh = await startCandidate<MeshReady>(["scripts/mesh.ts"], {
    ...quiet,
    ...traced,
    LOG_LEVEL: "info",
    DATABASE_URL: meshPostgres.url,
    CI: "1",
  });
  const meshHttp = mesh.processes.find(({ service }) => service === "chat")?.http ?? "";
  return [
    resources.use({ ...echo, name: "echo", pids: [echo.pid] }),
    await stack("path", "memory", {}),
    await withDocuments(await stack("path, documents", "memory", {})),
    await stack("path, logs", "memory", { LOG_LEVEL: "info" }),
    await stack("path, logs, traces", "memory", { LOG_LEVEL: "info", ...traced }),
    await stack("path, logs, all traces", "memory", {
      LOG_LEVEL: "info",
      ...traced,
      OTEL_TRACES_SAMPLER_ARG: "1",
    }),
    await stack("PGlite", "store", {}),
    await stack("Postgres", "store", { DATABASE_URL: postgres.url }),
    resources.use({ ...mesh, name: "mesh", http: meshHttp, pids: mesh.processes.map(({ pid }) => pid) }),
  ];
}

/** As many as a small handbook has; one of them is about what every turn asks. */
const DOCUMENTS = 50;

async function withDocuments(candidate: Candidate): Promise<Candidate> {
  const pool = new Pool(candidate.http, { connections: 1 });
  for (let at = 0; at < DOCUMENTS; at++) {
    const text =
      at === 0 ? "A road sign of 5 km stands 3.1 miles before its town." : `Note ${at} is about rule ${at}.`;
    const { statusCode, body } = await pool.request({
      method: "POST",
      path: "/forerun.memory.v1.MemoryService/Ingest",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ uri: `bench:${at}`, media_type: "text/plain", text }),
    });
    const said = await body.text();
    if (statusCode !== 200)
      throw new Error(`document ${at} was refused with ${statusCode}: ${said.slice(0, 200)}`);
  }
  await pool.close();
  return candidate;
}

type MeshReady = { processes: { service: string; pid: number; http?: string }[] };

const ROUTE = {
  thought: "a conversion",
  action: "call",
  calls: [{ id: "c1", tool: "convert_units", args: { value: 5, from: "km", to: "miles" } }],
};

const SCRIPT = [
  { match: { kind: "route" as const }, reply: { json: ROUTE }, times: 1_000_000 },
  { match: { kind: "answer" as const }, reply: { text: "word ".repeat(100) }, times: 1_000_000 },
];

async function ask(pool: Pool): Promise<void> {
  const { statusCode, body } = await pool.request({
    method: "POST",
    path: "/chat",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ text: "How many miles are 5 km?" }),
  });
  const answer = (await body.json()) as { state?: string; text: string };
  const ended = answer.state ?? "TURN_STATE_COMPLETED";
  if (statusCode !== 200 || ended !== "TURN_STATE_COMPLETED") {
    throw new Error(`a turn ended with ${statusCode} ${ended}: ${JSON.stringify(answer).slice(0, 500)}`);
  }
}

async function load({ http }: Candidate, turns: number): Promise<void> {
  const pool = new Pool(http, { connections: CONCURRENT });
  let left = turns;
  const worker = async () => {
    while (left-- > 0) await ask(pool);
  };
  await Promise.all(Array.from({ length: CONCURRENT }, worker));
  await pool.close();
}

async function medianLatency({ http }: Candidate): Promise<number> {
  const pool = new Pool(http, { connections: 1 });
  const times: number[] = [];
  for (let turn = 0; turn < LATENCY_TURNS; turn++) {
    const start = performance.now();
    await ask(pool);
    times.push(performance.now() - start);
  }
  await pool.close();
  return quantile(
    times.sort((a, b) => a - b),
    0.5,
  );
}

function* report(figures: ReadonlyMap<string, Figures>): Generator<Measurement> {
  const of = (name: string): Figures => figures.get(name) ?? { cpu: [], latency: [] };
  const echo = of("echo");
  const reference = { cpu: summary(echo.cpu).median, latency: summary(echo.latency).median };
  for (const [name, { cpu, latency }] of figures) {
    yield line(name, "CPU a turn", cpu, reference.cpu);
    yield line(name, "latency p50, one at a time", latency, reference.latency);
  }
  const part = (name: string, minus: string) =>
    of(name).cpu.map((ms, round) => ms - (of(minus).cpu[round] ?? 0));
  const store = part("Postgres", "path");
  yield line(
    "part: memory, snippets of 50 documents",
    "CPU a turn",
    part("path, documents", "path"),
    reference.cpu,
  );
  yield line("part: logs", "CPU a turn", part("path, logs", "path"), reference.cpu);
  yield line("part: traces at 10 %", "CPU a turn", part("path, logs, traces", "path, logs"), reference.cpu);
  yield line(
    "part: traces of all turns",
    "CPU a turn",
    part("path, logs, all traces", "path, logs"),
    reference.cpu,
  );
  yield line(
    "part: store, PGlite (client and server)",
    "CPU a turn",
    part("PGlite", "path"),
    reference.cpu,
    3,
  );
  yield line("part: store, Postgres (client side)", "CPU a turn", store, reference.cpu, 1);
  yield line("one process without the store", "CPU a turn", of("path, logs, traces").cpu, reference.cpu, 1.2);
  const mesh = of("mesh").cpu.map((ms, round) => ms - (store[round] ?? 0));
  yield line("mesh without the store", "CPU a turn", mesh, reference.cpu, 2.5);
}

function line(
  name: string,
  metric: string,
  values: readonly number[],
  reference: number,
  aim?: number,
): Measurement {
  const { median, ...rest } = summary(values);
  return {
    bench: "overhead",
    case: name,
    metric,
    unit: "ms",
    median,
    ...rest,
    reference,
    ratio: median / reference,
    aim: aim === undefined ? null : `<= ${aim} ms`,
    met: aim === undefined ? null : median <= aim,
  };
}
