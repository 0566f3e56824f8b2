import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEnvoy } from "@forerun/components/envoy";
import { freePort } from "@forerun/components/free-port";
import { type RunningRateLimit, startRateLimit } from "@forerun/components/ratelimit";
import { type RunningRedis, startRedis } from "@forerun/components/redis";
import type { ServerProcess } from "@forerun/components/server-process";
import { RATE_LIMIT_ENV, rateLimitService } from "@forerun/gateway/limits/global-rate";
import { render } from "@forerun/gateway/render";
import { parseValues, type Values } from "@forerun/gateway/values";
import { DisposalStack } from "@forerun/runtime/disposal";
import { until } from "../../support/until.ts";
import { type Issuer, openIssuer } from "./issuer.ts";

/** What the gateways stand before. */
export type Upstream = { http: readonly string[]; grpc: readonly string[] };

export type StandOptions = {
  replicas: number;
  upstream: Upstream;
  /** As under `limits:` of a values file. */
  limits?: object;
  /** Whether the gateways share a count, in a Redis. */
  shared?: boolean;
};

export type Gateway = ServerProcess & { port: number; url: string };

/** Real gateways, each as the values file of an installation would make it, and the tokens they take. */
export type Stand = {
  gateways: Gateway[];
  issuer: Issuer;
  redis: RunningRedis | undefined;
  /** Starts the gateway of that number anew, on its port. */
  restart(at: number): Promise<void>;
} & AsyncDisposable;

/** The gateways' own issuer signs unless the tokens of another are to be good at them. */
export async function openStand(
  { replicas, upstream, limits, shared }: StandOptions,
  known?: Issuer,
): Promise<Stand> {
  const stack = new DisposalStack();
  try {
    const folder = await mkdtemp(join(tmpdir(), "forerun-gateway-"));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const issuer = known ?? (await openIssuer(folder));
    const redis = shared ? stack.use(await startRedis()) : undefined;
    const values = (port: number, count?: number): Values => {
      const rate = count && { ...rateOf(limits), service: { host: "127.0.0.1", port: count } };
      const text = {
        listen: { host: "127.0.0.1", port },
        upstream,
        auth: { issuer: issuer.name, jwks: issuer.jwks },
        limits: { replicas, ...limits, ...(rate && { rate }) },
      };
      return parseValues(JSON.stringify(text));
    };
    const count = redis && stack.use(await startCount(redis, values(1)));
    const start = (port: number) => startGateway(folder, values(port, count?.port));
    const gateways: Gateway[] = [];
    stack.defer(async () => {
      await Promise.all(gateways.map((gateway) => gateway[Symbol.asyncDispose]()));
    });
    for (let at = 0; at < replicas; at++) gateways.push(await start(await freePort()));
    return {
      gateways,
      issuer,
      redis,
      async restart(at) {
        const { port } = gateways[at] ?? { port: 0 };
        gateways[at] = await start(port);
      },
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    };
  } catch (fault) {
    await stack[Symbol.asyncDispose]();
    throw fault;
  }
}

function rateOf(limits: object | undefined): object {
  return (limits as { rate?: object } | undefined)?.rate ?? {};
}

async function startGateway(folder: string, values: Values): Promise<Gateway> {
  const { port } = values.listen;
  const config = join(folder, `envoy-${port}.yaml`);
  await writeFile(config, render(values));
  const [server, url] = [await startEnvoy(config), `http://127.0.0.1:${port}`];
  const serves = () =>
    fetch(`${url}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await until(serves, "a gateway to serve");
  return { ...server, port, url };
}

/** A count in a Redis, for gateways of those limits. */
function startCount({ port }: RunningRedis, { limits }: Values): Promise<RunningRateLimit> {
  return startRateLimit({
    config: JSON.stringify(rateLimitService(limits)),
    redis: `127.0.0.1:${port}`,
    env: RATE_LIMIT_ENV,
  });
}
