import { startNats } from "@forerun/components/nats";
import { startPostgres } from "@forerun/components/postgres";
import { startRedis } from "@forerun/components/redis";
import { DisposalStack } from "@forerun/runtime/disposal";
import { startCandidate } from "../overhead/processes.ts";
import { startSpanSink } from "../overhead/span-sink.ts";
import { openUpstream, type Times } from "../speculation/open-bench.ts";
import { STORY_STEPS } from "./story.ts";

export type Server = { http: string; pids: number[] };

/** One process and a mesh on the same model. */
export type MeshBench = { modelUrl: string; one: Server; mesh: Server } & AsyncDisposable;

type MeshReady = { processes: { service: string; pid: number; http?: string }[] };

export async function openMeshBench(
  times: Times,
  question: { text: string; station: string },
): Promise<MeshBench> {
  const resources = new DisposalStack();
  try {
    const upstream = resources.use(await openUpstream(times, [question], STORY_STEPS));
    const spans = resources.use(await startSpanSink());
    const [onePostgres, meshPostgres, nats, redis] = await Promise.all([
      startPostgres(),
      startPostgres(),
      startNats(),
      startRedis(),
    ]);
    for (const server of [onePostgres, meshPostgres, nats, redis]) resources.use(server);
    const env = {
      ...upstream.env,
      LOG_LEVEL: "info",
      PORT: "0",
      GRPC_PORT: "0",
      OTEL_EXPORTER_OTLP_ENDPOINT: spans.url,
      OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
      OTEL_TRACES_SAMPLER_ARG: "0.1",
    };
    const one = resources.use(
      await startCandidate<{ http: string; pid: number }>(["bench/overhead/serve-stack.ts", "store"], {
        ...env,
        DATABASE_URL: onePostgres.url,
      }),
    );
    const servers = { DATABASE_URL: meshPostgres.url, NATS_URL: nats.url, REDIS_URL: redis.url };
    const mesh = resources.use(
      await startCandidate<MeshReady>(["scripts/mesh.ts"], { ...env, ...servers, CI: "1" }),
    );
    return {
      modelUrl: upstream.modelUrl,
      one: { http: one.http, pids: [one.pid] },
      mesh: {
        http: mesh.processes.find(({ service }) => service === "chat")?.http ?? "",
        pids: mesh.processes.map(({ pid }) => pid),
      },
      [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
    };
  } catch (fault) {
    await resources[Symbol.asyncDispose]();
    throw fault;
  }
}
