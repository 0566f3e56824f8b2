import type { DescService } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import type { Cache } from "@forerun/cache/cache";
import { openProcessCache } from "@forerun/cache/open-process-cache";
import type { App } from "@forerun/rpc/binding";
import { createMeshClient } from "@forerun/rpc/client";
import { serveGrpc } from "@forerun/rpc/grpc-server";
import { createGrpcTransport, type GrpcTransport } from "@forerun/rpc/grpc-transport";
import { observing } from "@forerun/rpc/observe";
import { type Environment, readEnv } from "@forerun/runtime/config";
import { readConfigFile } from "@forerun/runtime/config-file";
import { DisposalStack } from "@forerun/runtime/disposal";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import type { FileConfig } from "@forerun/runtime/file-config";
import { createLogger, type Logger } from "@forerun/runtime/logger";
import { createMetrics, type Metrics, serveMetrics } from "@forerun/telemetry/metrics";
import { openTracing } from "@forerun/telemetry/open-tracing";
import type { Tracer } from "@forerun/telemetry/tracing";
import { type LaneBroker, openProcessBus, type ProcessBus } from "./process-bus.ts";
import { requireKey } from "./require-key.ts";
import { rpcClientMetrics, rpcMetrics } from "./rpc-metrics.ts";
import { rpcTracer } from "./rpc-tracer.ts";

const HOST_ENVIRONMENT = ENVIRONMENT.pick({
  HOST: true,
  GRPC_PORT: true,
  METRICS_ADDR: true,
  LOG_LEVEL: true,
  MAX_MESSAGE_BYTES: true,
  MAX_CONNECTION_AGE: true,
  FORERUN_KEY: true,
  CONFIG: true,
  REDIS_URL: true,
  FORERUN_ENV: true,
});

/** Longest wait for running calls when a process drains, in milliseconds: it is gone within 30 s. */
const GRACE_MS = 27_000;

/** What every service process has, whatever it does. */
export type Host = {
  log: Logger;
  metrics: Metrics;
  tracer: Tracer;
  file: FileConfig;
  /** A typed client of another service, for callers that this process signs. */
  connect<Desc extends DescService>(service: Desc, address: string): Client<Desc>;
  /** What a service keeps to use again; undefined where the file says that nothing is. Closed with the host. */
  openCache(): Cache | undefined;
  /** This process's end of NATS, for its own lane unless it is said which; undefined where the environment names none. Closed with the host. */
  openBus(of?: LaneBroker): Promise<ProcessBus | undefined>;
  /** Serves the app over gRPC with health, reflection and metrics. */
  serve(app: App): Promise<Running>;
} & AsyncDisposable;

/** A serving process. `drain` finishes what runs, within the grace; disposal ends everything. */
export type Running = { grpc: string; metrics: string; drain(): Promise<void> } & AsyncDisposable;

/** Reads what all processes read and opens what all have. Throws ForerunError for bad configuration. */
export async function openHost(service: string, environment: Environment): Promise<Host> {
  const env = readEnv(HOST_ENVIRONMENT, environment);
  const key = requireKey(env.FORERUN_KEY);
  const stack = new DisposalStack();
  const log = createLogger({ service, level: env.LOG_LEVEL });
  const metrics = stack.use(createMetrics(service));
  const tracing = stack.use(await openTracing(process.env, log));
  const tracer = tracing.tracerOf(service);
  const observeClient = rpcClientMetrics(metrics.meter);
  const transports = new Map<string, GrpcTransport>();
  const transportTo = (address: string) => {
    const known = transports.get(address);
    if (known) return known;
    const transport = stack.use(
      createGrpcTransport({
        address,
        key,
        service,
        maxMessageBytes: env.MAX_MESSAGE_BYTES,
        clientInterceptors: [observing({ observe: observeClient })],
      }),
    );
    transports.set(address, transport);
    return transport;
  };
  const file = readConfigFile(env.CONFIG);
  return {
    log,
    metrics,
    tracer,
    file,
    openCache() {
      if (!file.cache.enabled) return undefined;
      const { REDIS_URL: redisUrl, FORERUN_ENV: deployment } = env;
      return stack.use(openProcessCache({ redisUrl, deployment, meter: metrics.meter, log }));
    },
    async openBus(of) {
      const { meter } = metrics;
      const opened = await openProcessBus({ service, environment, key, log, meter, tracer, of });
      stack.use(opened.bus);
      return opened.kind === "nats" ? opened : undefined;
    },
    connect: (desc, address) => createMeshClient(desc, transportTo(address)),
    async serve(app) {
      const server = stack.use(
        await serveGrpc({
          bindings: app.bindings,
          host: env.HOST,
          port: env.GRPC_PORT,
          callers: { key },
          maxMessageBytes: env.MAX_MESSAGE_BYTES,
          maxConnectionAgeMs: env.MAX_CONNECTION_AGE,
          log,
          observe: rpcMetrics(metrics.meter),
          tracer: rpcTracer(tracer),
        }),
      );
      stack.defer(() => app[Symbol.asyncDispose]());
      const { host, port } = hostAndPort(env.METRICS_ADDR);
      const metricsServer = stack.use(await serveMetrics(metrics, host, port));
      return {
        grpc: server.address,
        metrics: metricsServer.url,
        async drain() {
          metrics.drainBegins();
          await Promise.all([server.drain(GRACE_MS), app.drain?.()]);
        },
        [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
      };
    },
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

/** "127.0.0.1:9464" in its parts. */
export function hostAndPort(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(":");
  return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
}
