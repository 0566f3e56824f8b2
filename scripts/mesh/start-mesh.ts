import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DisposalStack } from "@forerun/runtime/disposal";
import { SERVICES, type ServiceName } from "./replicas.ts";
import { type ServiceProcess, startServiceProcess } from "./service-process.ts";

/** One process of a mesh, as the ready line shows it. `http` is chat's alone. */
export type MeshProcess = {
  service: ServiceName;
  replica: number;
  pid: number;
  http?: string;
  grpc: string;
  metrics: string;
};

export type Mesh = {
  processes: MeshProcess[];
  /** Told of a process that ended by itself. */
  onExit(tell: (gone: MeshProcess) => void): void;
} & AsyncDisposable;

type MeshOptions = { replicas: Record<ServiceName, number>; databaseUrl: string; env: NodeJS.ProcessEnv };

/**
 * Starts every replica and tells each where the others are by address lists, one file a service, which clients watch: the
 * processes start side by side and find each other as they come up. Chat is stopped first, so that its turns can end.
 */
export async function startMesh({ replicas, databaseUrl, env }: MeshOptions): Promise<Mesh> {
  const stack = new DisposalStack();
  const lists = await mkdtemp(join(tmpdir(), "forerun-mesh-"));
  stack.defer(() => rm(lists, { recursive: true, force: true }));
  const listOf = (service: ServiceName) => join(lists, service);
  await Promise.all(SERVICES.map((service) => writeFile(listOf(service), "")));
  const shared = {
    ...env,
    DATABASE_URL: databaseUrl,
    FORERUN_KEY: env.FORERUN_KEY ?? randomBytes(32).toString("base64"),
    ROUTER_ADDR: `file://${listOf("router")}`,
    TOOL_EXECUTOR_ADDR: `file://${listOf("tool-executor")}`,
    ANSWER_ADDR: `file://${listOf("answer")}`,
    MEMORY_ADDR: `file://${listOf("memory")}`,
  };
  try {
    const starting = SERVICES.flatMap((service) =>
      Array.from({ length: replicas[service] }, (_, replica) =>
        startServiceProcess(service, replica, envOf(service, shared)),
      ),
    );
    const settled = await Promise.allSettled(starting);
    const started = settled.flatMap((one) => (one.status === "fulfilled" ? [stack.use(one.value)] : []));
    const failed = settled.find((one) => one.status === "rejected");
    if (failed) throw failed.reason;
    await Promise.all(SERVICES.map((service) => writeFile(listOf(service), addressesOf(started, service))));
    return meshOf(started, stack);
  } catch (fault) {
    await stack[Symbol.asyncDispose]();
    throw fault;
  }
}

function meshOf(started: readonly ServiceProcess[], stack: DisposalStack): Mesh {
  return {
    processes: started.map(({ described }) => described),
    onExit(tell) {
      for (const { described, gone } of started) void gone.then((byItself) => byItself && tell(described));
    },
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

function addressesOf(started: readonly ServiceProcess[], service: ServiceName): string {
  const addresses = started
    .filter(({ described }) => described.service === service)
    .map(({ described }) => described.grpc);
  return `${addresses.join("\n")}\n`;
}

/** Ports that a person gave are chat's; everything else takes free ones. */
function envOf(service: ServiceName, shared: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const free = { ...shared, GRPC_PORT: "0", METRICS_ADDR: "127.0.0.1:0" };
  return service === "chat"
    ? { ...free, PORT: shared.PORT ?? "8080", GRPC_PORT: shared.GRPC_PORT ?? "8081" }
    : free;
}
