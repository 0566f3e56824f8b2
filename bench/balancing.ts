/**
 * What a channel does with three replicas in processes of their own: how evenly calls spread, how soon a new one has its share, and
 * how many calls fail when one is told to stop or killed under load.
 */
import dns from "node:dns";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mock } from "node:test";
import { asCaller } from "@forerun/rpc/call-context";
import { createMeshClient } from "@forerun/rpc/client";
import { KEY } from "@forerun/rpc/fixtures/contract-service";
import { allAnswered, load } from "@forerun/rpc/fixtures/load";
import { type ReplicaProcess, startReplica } from "@forerun/rpc/fixtures/replica-process";
import { createGrpcTransport } from "@forerun/rpc/grpc-transport";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { DisposalStack } from "@forerun/runtime/disposal";
import { ContractService } from "@forerun/testing/contracts/forerun/testing/contract/v1/contract_pb";
import { bounded, type Measurement } from "./measurement.ts";

const REPS = 3;
const CALLS = 2_000;
const CONCURRENT = 32;
const NAMES = ["1", "2", "3"];
const DELAY_MS = 2;
const AGE_MS = 5_000;

export async function* run(): AsyncGenerator<Measurement> {
  yield measured("spread over 3 replicas", "worst_share_off_even", "share", await repeat(spread), 0.2);
  yield measured("joins an address list", "until_its_share", "s", await repeat(joinsList), 2);
  yield measured("joins a name, age 5 s", "until_its_share", "s", await repeat(joinsName), 15);
  yield measured(`SIGTERM, ${CALLS} calls`, "failed", "calls", await repeat(ends("SIGTERM")), 0);
  yield measured(`SIGKILL, ${CALLS} idempotent calls`, "failed", "calls", await repeat(ends("SIGKILL")), 0);
}

function measured(label: string, metric: string, unit: string, values: number[], most: number): Measurement {
  return bounded("balancing", label, metric, unit, values, most);
}

async function repeat(once: (stack: DisposalStack) => Promise<number>): Promise<number[]> {
  const values: number[] = [];
  for (let rep = 0; rep < REPS; rep++) {
    await using stack = new DisposalStack();
    values.push(await once(stack));
  }
  return values;
}

async function replicas(stack: DisposalStack): Promise<ReplicaProcess[]> {
  const started = await Promise.all(NAMES.map((name) => startReplica(name, DELAY_MS)));
  for (const replica of started) stack.use(replica);
  return started;
}

/** Calls that may be tried again, and calls that may not. */
function callsTo(address: string, stack: DisposalStack) {
  const client = createMeshClient(
    ContractService,
    stack.use(createGrpcTransport({ address, key: KEY, service: "bench" })),
  );
  const options = () => asCaller(LOCAL_CALLER, { signal: AbortSignal.timeout(60_000) });
  return {
    echo: async () => (await client.echo({}, options())).text,
    act: async () => `${(await client.act({}, options())).times}`,
  };
}

function listOf(servers: readonly ReplicaProcess[]): string {
  return `ipv4:${servers.map(({ address }) => address).join(",")}`;
}

async function spread(stack: DisposalStack): Promise<number> {
  const { echo } = callsTo(listOf(await replicas(stack)), stack);
  await allAnswered(echo, NAMES);
  const { answered } = await load(echo, CALLS, CONCURRENT);
  const even = CALLS / NAMES.length;
  return Math.max(...NAMES.map((name) => Math.abs((answered.get(name) ?? 0) / even - 1)));
}

/** Seconds until a replica answers at least four in five of its even share of 60 calls. */
async function untilItsShare(echo: () => Promise<string>, name: string, of: number): Promise<number> {
  const since = performance.now();
  for (;;) {
    const { answered } = await load(echo, 60, 4);
    if ((answered.get(name) ?? 0) >= (0.8 * 60) / of) return (performance.now() - since) / 1000;
  }
}

async function joinsList(stack: DisposalStack): Promise<number> {
  const [one, two, three] = await replicas(stack);
  const folder = mkdtempSync(join(tmpdir(), "forerun-balancing-"));
  stack.defer(() => rmSync(folder, { recursive: true }));
  const list = join(folder, "list");
  const write = (...known: (ReplicaProcess | undefined)[]) =>
    writeFileSync(list, known.map((replica) => `${replica?.address}\n`).join(""));
  write(one, two);
  const { echo } = callsTo(`file://${list}`, stack);
  await allAnswered(echo, ["1", "2"]);
  write(one, two, three);
  return untilItsShare(echo, "3", 3);
}

/** A name that stands for several addresses of this machine, as a headless service does for its pods. */
async function joinsName(stack: DisposalStack): Promise<number> {
  const known = ["127.0.0.1"];
  const lookup = mock.method(dns.promises, "lookup", async () =>
    known.map((address) => ({ address, family: 4 })),
  );
  stack.defer(() => lookup.mock.restore());
  const first = stack.use(await startReplica("1", DELAY_MS, "127.0.0.1", 0, AGE_MS));
  const port = first.address.split(":").at(-1) ?? "";
  const { echo } = callsTo(`dns:///replicas.bench:${port}`, stack);
  await allAnswered(echo, ["1"]);
  stack.use(await startReplica("2", DELAY_MS, "127.0.0.2", port, AGE_MS));
  known.push("127.0.0.2");
  return untilItsShare(echo, "2", 2);
}

function ends(signal: "SIGTERM" | "SIGKILL") {
  return async (stack: DisposalStack): Promise<number> => {
    const servers = await replicas(stack);
    const { echo, act } = callsTo(listOf(servers), stack);
    await allAnswered(echo, NAMES);
    const call = signal === "SIGTERM" ? act : echo;
    const { failed } = await load(call, CALLS, CONCURRENT, { [CALLS / 4]: () => servers[1]?.end(signal) });
    return failed.length;
  };
}
