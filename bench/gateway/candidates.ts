import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "@forerun/components/postgres";
import { startRedis } from "@forerun/components/redis";
import { DisposalStack } from "@forerun/runtime/disposal";
import { openIssuer } from "../../tests/faults/gateway/issuer.ts";
import { openStand } from "../../tests/faults/gateway/stand.ts";
import type { Gateway } from "../mesh/gateways.ts";
import { startCandidate } from "../overhead/processes.ts";
import { startSpanSink } from "../overhead/span-sink.ts";
import { openUpstream } from "../speculation/open-bench.ts";

export type GatewayBench = { modelUrl: string; gateways: ReadonlyMap<string, Gateway> } & AsyncDisposable;

/** A model that thinks for as long as one does. */
const TIMES = { route: 150, tool: 120, answer: 150 };
const QUESTION = { text: "train departures from Oslo", station: "Oslo" };
/** Never reached: what keeping count costs is measured, not what being refused does. */
const QUOTAS = { cache: { enabled: false }, quotas: { default: { tokens: 1e12 } } };
const NO_LIMIT = { rate: { default: { requests: 1_000_000, window: "second" } } };

export async function openGatewayBench(): Promise<GatewayBench> {
  const resources = new DisposalStack();
  try {
    const folder = await mkdtemp(join(tmpdir(), "forerun-bench-"));
    resources.defer(() => rm(folder, { recursive: true, force: true }));
    const upstream = resources.use(await openUpstream(TIMES, [QUESTION], []));
    const issuer = await openIssuer(folder);
    const jwt = { AUTH: "jwt", JWT_ISSUER: issuer.name, JWKS: issuer.jwks };
    const quotas = { CONFIG: join(folder, "forerun.yaml") };
    await writeFile(quotas.CONFIG, JSON.stringify(QUOTAS));
    const start = await starter(resources, upstream.env);
    const open = await start({});
    const verified = await start(jwt);
    const counted = await start({ ...jwt, ...quotas });
    const host = new URL(counted.url).host;
    const stand = resources.use(
      await openStand(
        { replicas: 1, shared: true, limits: NO_LIMIT, upstream: { http: [host], grpc: [host] } },
        issuer,
      ),
    );
    const envoy = stand.gateways.map(({ process }) => process.pid ?? 0);
    const headers = { authorization: `Bearer ${issuer.token("acme")}` };
    const through = { url: `${stand.gateways[0]?.url}/v1`, headers };
    return {
      modelUrl: upstream.modelUrl,
      gateways: new Map<string, Gateway>([
        ["as it is", open],
        ["with JWT", { ...verified, headers }],
        ["with JWT and quotas", { ...counted, headers }],
        ["with JWT and quotas, Envoy in front", { ...through, pids: [...counted.pids, ...envoy] }],
        ["Envoy alone of these", { ...through, pids: envoy }],
      ]),
      [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
    };
  } catch (fault) {
    await resources[Symbol.asyncDispose]();
    throw fault;
  }
}

/** Starts one process after the other, each with a store and a Redis of its own. */
async function starter(
  resources: DisposalStack,
  model: Readonly<Record<string, string>>,
): Promise<(env: Record<string, string>) => Promise<Gateway>> {
  const spans = resources.use(await startSpanSink());
  return async (env) => {
    const [postgres, redis] = [resources.use(await startPostgres()), resources.use(await startRedis())];
    const candidate = await startCandidate<{ http: string; pid: number }>(
      ["bench/overhead/serve-stack.ts", "store"],
      {
        ...model,
        ...{ LOG_LEVEL: "info", PORT: "0", GRPC_PORT: "0", METRICS_ADDR: "127.0.0.1:0" },
        ...{ DATABASE_URL: postgres.url, REDIS_URL: redis.url, OTEL_EXPORTER_OTLP_ENDPOINT: spans.url },
        ...{ OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.1" },
        ...env,
      },
    );
    const { http, pid } = resources.use(candidate);
    return { url: `${http}/v1`, pids: [pid], headers: {} };
  };
}
