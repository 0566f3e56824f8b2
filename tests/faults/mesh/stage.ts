import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNats } from "@forerun/components/nats";
import { startPostgres } from "@forerun/components/postgres";
import { startRedis } from "@forerun/components/redis";
import { DisposalStack } from "@forerun/runtime/disposal";
import type { Script } from "@forerun/testing/scripted-model/script";
import { startScriptedModel } from "@forerun/testing/scripted-model/server";
import type { ServiceName } from "../../../scripts/mesh/replicas.ts";
import { type Mesh, startMesh } from "../../../scripts/mesh/start-mesh.ts";
import { type ChatClient, chatClient } from "../../support/chat-client.ts";
import { ROOT } from "../../support/forerun-process.ts";

/** The servers under a mesh, for faults that are theirs. */
export type StageServers = {
  postgres: Awaited<ReturnType<typeof startPostgres>>;
  nats: Awaited<ReturnType<typeof startNats>>;
  redis: Awaited<ReturnType<typeof startRedis>>;
};

/** A real mesh with a scripted model, and tools whose effects are counted. */
export type Stage = StageServers & {
  mesh: Mesh;
  /** A client of each chat that lives now. */
  chats(): ChatClient[];
  /** How often each mark was written by `mark_effect`. */
  effects(): Promise<Map<string, number>>;
} & AsyncDisposable;

export type StageOptions = {
  replicas: Readonly<Record<ServiceName, number>>;
  steps: Script["steps"];
  /** Puts something between the mesh and its servers: gives the URLs that the mesh is told. */
  between?(servers: StageServers): Promise<{ databaseUrl?: string; natsUrl?: string; redisUrl?: string }>;
};

export async function openStage({ replicas, steps, between }: StageOptions): Promise<Stage> {
  const stack = new DisposalStack();
  try {
    const folder = await mkdtemp(join(tmpdir(), "forerun-faults-"));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const effectsFile = join(folder, "effects");
    const [postgres, nats, redis, model] = await Promise.all([
      startPostgres(),
      startNats(),
      startRedis(),
      startScriptedModel(steps),
    ]);
    for (const server of [postgres, nats, redis, model]) stack.use(server);
    const servers = { postgres, nats, redis };
    const urls = { databaseUrl: postgres.url, natsUrl: nats.url, redisUrl: redis.url };
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
    const mesh = stack.use(await startMesh({ ...urls, ...(await between?.(servers)), replicas, env }));
    return {
      ...servers,
      mesh,
      chats: () => mesh.processes.flatMap(({ http }) => (http ? [chatClient(http)] : [])),
      effects: async () => countLines(await readFile(effectsFile, "utf8").catch(() => "")),
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    };
  } catch (fault) {
    await stack[Symbol.asyncDispose]();
    throw fault;
  }
}

function countLines(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of text.split("\n").filter(Boolean)) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}
