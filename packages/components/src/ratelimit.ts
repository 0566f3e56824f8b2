import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findBinary } from "./binaries.ts";
import { freePort } from "./free-port.ts";
import { type ServerProcess, startServer } from "./server-process.ts";

export type RateLimitOptions = {
  /** The one configuration file, as JSON or YAML: a domain and its descriptors. */
  config: string;
  /** "127.0.0.1:6379" */
  redis: string;
  /** How it counts; its addresses are set here. */
  env?: Readonly<Record<string, string>>;
};

/** `port` speaks Envoy's rate limit protocol over gRPC. */
export type RunningRateLimit = ServerProcess & { port: number };

/** Without one it reads no configuration at all, and counts nothing. */
const SUBFOLDER = "ratelimit";

/** Starts a real envoyproxy/ratelimit on 127.0.0.1 and free ports. */
export async function startRateLimit({ config, redis, env }: RateLimitOptions): Promise<RunningRateLimit> {
  const folder = await mkdtemp(join(tmpdir(), "forerun-ratelimit-"));
  try {
    const configs = join(folder, SUBFOLDER, "config");
    await mkdir(configs, { recursive: true });
    await writeFile(join(configs, "forerun.yaml"), config);
    const [port, http, debug] = [await freePort(), await freePort(), await freePort()];
    const server = await startServer({
      path: findBinary("ratelimit"),
      args: [],
      readyLine: "Listening for gRPC",
      log: "stderr",
      // It keeps nothing, and while its Redis is away it does not hear the other one.
      stopSignal: "SIGKILL",
      lastSignal: "SIGKILL",
      options: {
        env: {
          ...process.env,
          USE_STATSD: "false",
          LOG_LEVEL: "info",
          REDIS_SOCKET_TYPE: "tcp",
          ...env,
          REDIS_URL: redis,
          RUNTIME_ROOT: folder,
          RUNTIME_SUBDIRECTORY: SUBFOLDER,
          RUNTIME_WATCH_ROOT: "false",
          HOST: "127.0.0.1",
          PORT: String(http),
          GRPC_HOST: "127.0.0.1",
          GRPC_PORT: String(port),
          DEBUG_HOST: "127.0.0.1",
          DEBUG_PORT: String(debug),
        },
      },
    });
    return {
      process: server.process,
      port,
      async [Symbol.asyncDispose]() {
        await server[Symbol.asyncDispose]();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (fault) {
    await rm(folder, { recursive: true, force: true });
    throw fault;
  }
}
