import { randomBytes } from "node:crypto";
import { type AddressLists, openAddressLists } from "./address-lists.ts";
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

export type MeshOptions = {
  replicas: Readonly<Record<ServiceName, number>>;
  databaseUrl: string;
  /** Without one, tools are called over gRPC alone. */
  natsUrl: string | undefined;
  /** Without one, every process keeps results for itself. */
  redisUrl: string | undefined;
  env: NodeJS.ProcessEnv;
};

/**
 * Starts every replica and tells each where the others are by address lists, one file a service, which clients watch: the
 * processes start side by side and find each other as they come up.
 */
export async function startMesh(options: MeshOptions): Promise<Mesh> {
  const lists = await openAddressLists();
  const mesh = new Mesh(lists, environmentOf(options, lists));
  const wanted = SERVICES.flatMap((service) =>
    Array.from({ length: options.replicas[service] }, () => service),
  );
  const started = await Promise.allSettled(wanted.map((service) => mesh.add(service)));
  const failed = started.find(({ status }) => status === "rejected");
  if (failed?.status !== "rejected") return mesh;
  await mesh[Symbol.asyncDispose]();
  throw failed.reason;
}

/** Running processes that find each other. Replicas may come and go. */
export class Mesh implements AsyncDisposable {
  readonly #lists: AddressLists;
  readonly #env: NodeJS.ProcessEnv;
  readonly #running = new Set<ServiceProcess>();
  readonly #started = new Map<ServiceName, number>();
  #tell: (gone: MeshProcess) => void = () => {};

  constructor(lists: AddressLists, env: NodeJS.ProcessEnv) {
    this.#lists = lists;
    this.#env = env;
  }

  get processes(): MeshProcess[] {
    const order = ({ service, replica }: MeshProcess) => SERVICES.indexOf(service) * 100 + replica;
    return [...this.#running]
      .map(({ described }) => described)
      .sort((left, right) => order(left) - order(right));
  }

  /** Address of a service for clients outside: all its replicas, however they come and go. */
  addressOf(service: ServiceName): string {
    return this.#lists.addressOf(service);
  }

  /** Starts one more replica; it is called as soon as it is ready. */
  async add(service: ServiceName): Promise<MeshProcess> {
    const replica = this.#started.get(service) ?? 0;
    this.#started.set(service, replica + 1);
    const process = await startServiceProcess(service, replica, environmentFor(service, replica, this.#env));
    this.#running.add(process);
    void process.gone.then((byItself) => {
      this.#running.delete(process);
      void this.#publish(service);
      if (byItself) this.#tell(process.described);
    });
    await this.#publish(service);
    return process.described;
  }

  /** Takes a replica off the list, lets it finish, and resolves when it is gone. */
  async remove({ pid, service }: MeshProcess): Promise<void> {
    const process = [...this.#running].find(({ described }) => described.pid === pid);
    if (!process) return;
    this.#running.delete(process);
    await this.#publish(service);
    await process[Symbol.asyncDispose]();
  }

  /** Told of each process that ended by itself. */
  onExit(tell: (gone: MeshProcess) => void): void {
    this.#tell = tell;
  }

  /** Chat goes first, so that its turns can end. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const service of SERVICES.toReversed()) {
      const processes = [...this.#running].filter(({ described }) => described.service === service);
      await Promise.all(processes.map((process) => process[Symbol.asyncDispose]()));
    }
    await this.#lists[Symbol.asyncDispose]();
  }

  #publish(service: ServiceName): Promise<void> {
    const addresses = this.processes.filter((one) => one.service === service).map(({ grpc }) => grpc);
    return this.#lists.write(service, addresses);
  }
}

function environmentOf(options: MeshOptions, lists: AddressLists): NodeJS.ProcessEnv {
  const { env, databaseUrl, natsUrl, redisUrl } = options;
  return {
    ...env,
    DATABASE_URL: databaseUrl,
    ...(natsUrl && { NATS_URL: natsUrl }),
    ...(redisUrl && { REDIS_URL: redisUrl }),
    FORERUN_KEY: env.FORERUN_KEY ?? randomBytes(32).toString("base64"),
    ROUTER_ADDR: lists.addressOf("router"),
    TOOL_EXECUTOR_ADDR: lists.addressOf("tool-executor"),
    ANSWER_ADDR: lists.addressOf("answer"),
    MEMORY_ADDR: lists.addressOf("memory"),
  };
}

/** Ports that a person gave are those of the first chat; everything else takes free ones. */
function environmentFor(service: ServiceName, replica: number, shared: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const free = { ...shared, PORT: "0", GRPC_PORT: "0", METRICS_ADDR: "127.0.0.1:0" };
  return service === "chat" && replica === 0
    ? { ...free, PORT: shared.PORT ?? "8080", GRPC_PORT: shared.GRPC_PORT ?? "8081" }
    : free;
}
