import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNats } from "@forerun/components/nats";
import { startPostgres } from "@forerun/components/postgres";
import { startRedis } from "@forerun/components/redis";
import { type LinkProxy, startToxiproxy } from "@forerun/components/toxiproxy";
import { DisposalStack } from "@forerun/runtime/disposal";
import type { Script } from "@forerun/testing/scripted-model/script";
import { startScriptedModel } from "@forerun/testing/scripted-model/server";
import type { ServiceName } from "../../../scripts/mesh/replicas.ts";
import { type Mesh, startMesh } from "../../../scripts/mesh/start-mesh.ts";
import { type ChatClient, chatClient } from "../../support/chat-client.ts";
import { ROOT } from "../../support/forerun-process.ts";

/** A real mesh with a scripted model, and tools whose effects are counted. */
export type Stage = {
  mesh: Mesh;
  /** What lies between the mesh and each of its servers. */
  proxies: Readonly<Record<"postgres" | "nats" | "redis", LinkProxy>>;
  /** A client of each chat that lives now. */
  chats(): ChatClient[];
  /** How often each mark was written by `mark_effect`. */
  effects(): Promise<Map<string, number>>;
} & AsyncDisposable;

export type StageOptions = {
  replicas: Readonly<Record<ServiceName, number>>;
  steps: Script["steps"];
};

export async function openStage({ replicas, steps }: StageOptions): Promise<Stage> {
  const stack = new DisposalStack();
  try {
    const folder = await mkdtemp(join(tmpdir(), "forerun-faults-"));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const effectsFile = join(folder, "effects");
    const model = stack.use(await startScriptedModel(steps));
    const { proxies, ...urls } = await startProxied(stack);
    const env = {
      ...process.env,
      PORT: "0",
      GRPC_PORT: "0",
      DATA_DIR: folder,
      TOOLS_DIR: join(ROOT, "tests/fixtures/effects/tools"),
      EFFECTS_FILE: effectsFile,
      MODEL_URL: model.url,
      MODEL: "large",
      ROUTE_MODEL: "small",
      LOG_LEVEL: process.env.FAULTS_LOG ?? "silent",
    };
    const mesh = stack.use(await startMesh({ ...urls, replicas, env }));
    return {
      mesh,
      proxies,
      chats: () => mesh.processes.flatMap(({ http }) => (http ? [chatClient(http)] : [])),
      effects: async () => countLines(await readFile(effectsFile, "utf8").catch(() => "")),
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    };
  } catch (fault) {
    await stack[Symbol.asyncDispose]();
    throw fault;
  }
}

async function startProxied(stack: DisposalStack) {
  const [toxiproxy, postgres, nats, redis] = await Promise.all([
    startToxiproxy(),
    startPostgres(),
    startNats(),
    startRedis(),
  ]);
  for (const server of [postgres, nats, redis, toxiproxy]) stack.use(server);
  const proxies = {
    postgres: await toxiproxy.proxy(postgres.port),
    nats: await toxiproxy.proxy(nats.port),
    redis: await toxiproxy.proxy(redis.port),
  };
  return {
    proxies,
    databaseUrl: postgres.url.replace(`:${postgres.port}`, `:${proxies.postgres.port}`),
    natsUrl: `nats://127.0.0.1:${proxies.nats.port}`,
    redisUrl: `redis://127.0.0.1:${proxies.redis.port}`,
  };
}

function countLines(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of text.split("\n").filter(Boolean)) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}
