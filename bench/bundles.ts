/**
 * From spawn to the ready line, and the memory held then, of each service: as `npm run build` bundles it, and from its sources by
 * tsx, in turn. A Node process that does nothing stands beside them. All run on one Postgres that has its schemas.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { startPostgres } from "@forerun/components/postgres";
import { DisposalStack } from "@forerun/runtime/disposal";
import { buildBundle } from "../scripts/build/build-bundle.ts";
import { BUNDLED, ROOT } from "../scripts/build/bundled.ts";
import { SERVICES, type ServiceName } from "../scripts/mesh/replicas.ts";
import { type Measurement, summary } from "./measurement.ts";

const ROUNDS = 5;
const AIM = { ms: 200, MB: 75 };
const NOWHERE = "ipv4:127.0.0.1:1";

type Start = { ms: number; MB: number };

export async function* run(): AsyncGenerator<Measurement> {
  await using stack = new DisposalStack();
  const folder = await mkdtemp(join(tmpdir(), "forerun-bench-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const { url } = stack.use(await startPostgres());
  const bare: Start[] = [];
  for (let round = 0; round < ROUNDS; round++)
    bare.push(await start(["-e", "console.log(); setInterval(() => {}, 1e6)"], url));
  yield* lines("a Node process that prints a line", bare);
  for (const service of SERVICES) {
    await buildBundle(service, join(folder, service));
    yield* both(service, folder, url);
  }
}

async function* both(service: ServiceName, folder: string, databaseUrl: string): AsyncGenerator<Measurement> {
  const bundle = [join(folder, service, "main.js")];
  const sources = ["--import", "tsx", join(ROOT, BUNDLED[service])];
  // Each once before it counts: files are in the page cache then, and schemas are there.
  for (const command of [sources, bundle]) await start(command, databaseUrl);
  const times = { bundle: [] as Start[], sources: [] as Start[] };
  for (let round = 0; round < ROUNDS; round++) {
    times.sources.push(await start(sources, databaseUrl));
    times.bundle.push(await start(bundle, databaseUrl));
  }
  yield* lines(`${service}, sources by tsx`, times.sources);
  yield* lines(`${service}, bundle`, times.bundle, times.sources);
}

/** Resolves when the process has said its first line, and is gone again. */
async function start(command: readonly string[], databaseUrl: string): Promise<Start> {
  const begun = performance.now();
  const child = spawn(process.execPath, command, {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      PORT: "0",
      GRPC_PORT: "0",
      METRICS_ADDR: "127.0.0.1:0",
      LOG_LEVEL: "silent",
      FORERUN_KEY: Buffer.alloc(32, 7).toString("base64"),
      DATABASE_URL: databaseUrl,
      ROUTER_ADDR: NOWHERE,
      TOOL_EXECUTOR_ADDR: NOWHERE,
      ANSWER_ADDR: NOWHERE,
      MEMORY_ADDR: NOWHERE,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", () => resolve());
    void gone.then(() => reject(new Error(`${command.join(" ")} ended before it was ready`)));
  });
  const ms = performance.now() - begun;
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  const MB = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  child.kill("SIGKILL");
  await gone;
  return { ms, MB };
}

function* lines(label: string, starts: readonly Start[], than?: readonly Start[]): Generator<Measurement> {
  const of = { ms: "spawn to ready line", MB: "resident memory" } as const;
  for (const unit of ["ms", "MB"] as const) {
    const spread = summary(starts.map((one) => one[unit]));
    const reference = than ? summary(than.map((one) => one[unit])).median : null;
    yield {
      bench: "bundles",
      case: label,
      metric: of[unit],
      unit,
      ...spread,
      reference,
      ratio: reference && spread.median / reference,
      aim: than ? `<= ${AIM[unit]} ${unit}` : null,
      met: than ? spread.median <= AIM[unit] : null,
    };
  }
}
