import { findBinary } from "./binaries.ts";
import { freePort } from "./free-port.ts";
import { type ServerProcess, startServer } from "./server-process.ts";

export type RunningNats = ServerProcess & { url: string; port: number };

export type NatsOptions = {
  /** Comes back where an earlier one was. */
  port?: number;
  /** A configuration file: accounts, permissions, limits. */
  config?: string;
  /** What the configuration file refers to as `$NAME`. */
  env?: NodeJS.ProcessEnv;
};

/** Starts a real nats-server, core only, on 127.0.0.1 and a free port. */
export async function startNats({ port, config, env }: NatsOptions = {}): Promise<RunningNats> {
  const at = port ?? (await freePort());
  const server = await startServer({
    path: findBinary("nats-server"),
    args: ["-a", "127.0.0.1", "-p", String(at), ...(config ? ["-c", config] : [])],
    readyLine: "Server is ready",
    log: "stderr",
    stopSignal: "SIGTERM",
    lastSignal: "SIGKILL",
    ...(env && { options: { env: { ...process.env, ...env } } }),
  });
  return { ...server, url: `nats://127.0.0.1:${at}`, port: at };
}
