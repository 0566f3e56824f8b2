/**
 * How evenly turns spread over a real mesh of 3 chat, 2 router, 3 tool-executor and 2 answer, and how soon one more process of each has
 * its share. What each process did is what its own /metrics counts. No model is connected, so that every turn asks each service once.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { startNats } from "@forerun/components/nats";
import { startPostgres } from "@forerun/components/postgres";
import { startRedis } from "@forerun/components/redis";
import { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { asCaller } from "@forerun/rpc/call-context";
import { createMeshClient } from "@forerun/rpc/client";
import { createGrpcTransport } from "@forerun/rpc/grpc-transport";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { DisposalStack } from "@forerun/runtime/disposal";
import type { ServiceName } from "../scripts/mesh/replicas.ts";
import { type Mesh, type MeshProcess, startMesh } from "../scripts/mesh/start-mesh.ts";
import { bounded, type Measurement } from "./measurement.ts";

const REPLICAS = { chat: 3, router: 2, "tool-executor": 3, answer: 2, memory: 1 };
const TURNS = Number(process.env.SPREAD_TURNS ?? 2_000);
const CONCURRENT = 16;
/** Share of even that a process must have to count as one of them. */
const FAIR = 0.8;
const LOOK_MS = 250;
const LONGEST_MS = 30_000;
const KEY = Buffer.alloc(32, 1).toString("base64");

/** What each service counts once a turn. */
const COUNTED: Readonly<Record<Exclude<ServiceName, "memory">, RegExp>> = {
  chat: /^forerun_rpc_duration_seconds_count\{.*method="Ask".*\} (\d+)/gm,
  router: /^forerun_rpc_duration_seconds_count\{.*method="Route".*\} (\d+)/gm,
  "tool-executor": /^forerun_cache_requests_total\{.*layer="l1".*\} (\d+)/gm,
  answer: /^forerun_rpc_duration_seconds_count\{.*method="Generate".*\} (\d+)/gm,
};
type Counted = keyof typeof COUNTED;
const SERVICES = Object.keys(COUNTED) as Counted[];

export async function* run(): AsyncGenerator<Measurement> {
  await using stack = new DisposalStack();
  const [postgres, nats, redis] = await Promise.all([startPostgres(), startNats(), startRedis()]);
  for (const server of [postgres, nats, redis]) stack.use(server);
  const urls = { databaseUrl: postgres.url, natsUrl: nats.url, redisUrl: redis.url };
  const env = { ...process.env, PORT: "0", GRPC_PORT: "0", LOG_LEVEL: "silent", FORERUN_KEY: KEY };
  const mesh = stack.use(await startMesh({ ...urls, replicas: REPLICAS, env }));
  await ask(mesh, CONCURRENT * 10);
  yield* evenness(mesh);
  for (const service of SERVICES) yield await joining(mesh, service);
}

async function* evenness(mesh: Mesh): AsyncGenerator<Measurement> {
  const before = await counts(mesh);
  await ask(mesh, TURNS);
  const after = await counts(mesh);
  for (const service of SERVICES) {
    const shares = sharesOf(mesh, service, before, after);
    const off = Math.max(...shares.map((share) => Math.abs(share * shares.length - 1)));
    const label = `${service}: ${shares.map((share) => share.toFixed(3)).join(", ")}`;
    yield bounded("spread", label, "worst_share_off_even", "share", [off], 0.2);
  }
}

/** One more process while turns go on: from its ready line until a look shows it with its share of what was done since the last. */
async function joining(mesh: Mesh, service: Counted): Promise<Measurement> {
  const leave = new AbortController();
  const asking = ask(mesh, Number.POSITIVE_INFINITY, leave.signal);
  const joined = async () => {
    const added = await mesh.add(service);
    return untilFair(mesh, service, added, performance.now());
  };
  try {
    // Turns that fail end the measurement.
    const tookMs = await Promise.race([joined(), asking.then(() => Number.NaN)]);
    return bounded("spread", `one more ${service}`, "until_its_share", "s", [tookMs / 1_000], 2);
  } finally {
    leave.abort();
    await asking.catch(() => {});
  }
}

async function untilFair(mesh: Mesh, service: Counted, added: MeshProcess, since: number): Promise<number> {
  let before = await counts(mesh);
  for (;;) {
    await sleep(LOOK_MS);
    const now = performance.now() - since;
    const after = await counts(mesh);
    const shares = sharesOf(mesh, service, before, after);
    const at = of(mesh, service).findIndex(({ pid }) => pid === added.pid);
    if ((shares[at] ?? 0) * shares.length >= FAIR) return now;
    if (now > LONGEST_MS) throw new Error(`${service}: no fair share after ${LONGEST_MS} ms`);
    before = after;
  }
}

/** So many turns, some at once, over one channel to every chat. Throws for one that does not complete. */
async function ask(mesh: Mesh, turns: number, leave?: AbortSignal): Promise<void> {
  using transport = createGrpcTransport({ address: mesh.addressOf("chat"), key: KEY, service: "bench" });
  const client = createMeshClient(ChatService, transport);
  let begun = 0;
  const one = async () => {
    while (begun < turns && !leave?.aborted) {
      begun += 1;
      // A sum that was not asked before, in this run or another.
      const text = `what is ${(begun % 97) + 1}% of ${Math.floor(Math.random() * 1e12)}?`;
      const { turn } = await client.ask(
        { input: { text } },
        asCaller(LOCAL_CALLER, { signal: AbortSignal.timeout(30_000) }),
      );
      if (turn?.state !== TurnState.COMPLETED) throw new Error(`a turn ended as ${turn?.state}`);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, one));
}

function of(mesh: Mesh, service: ServiceName): MeshProcess[] {
  return mesh.processes.filter((one) => one.service === service);
}

/** What each process has counted so far, by pid. */
async function counts(mesh: Mesh): Promise<Map<number, number>> {
  const read = async ({ service, pid, metrics }: MeshProcess): Promise<[number, number]> => {
    if (service === "memory") return [pid, 0];
    const text = await (await fetch(metrics, { signal: AbortSignal.timeout(5_000) })).text();
    return [pid, [...text.matchAll(COUNTED[service])].reduce((sum, [, count]) => sum + Number(count), 0)];
  };
  return new Map(await Promise.all(mesh.processes.map(read)));
}

function sharesOf(
  mesh: Mesh,
  service: Counted,
  before: ReadonlyMap<number, number>,
  after: ReadonlyMap<number, number>,
): number[] {
  const done = of(mesh, service).map(({ pid }) => (after.get(pid) ?? 0) - (before.get(pid) ?? 0));
  const all = done.reduce((sum, one) => sum + one, 0);
  return done.map((one) => (all === 0 ? 0 : one / all));
}
