import { findBinary } from "./binaries.ts";
import { freePort } from "./free-port.ts";
import { type ServerProcess, startServer } from "./server-process.ts";

export type RunningRedis = ServerProcess & { url: string; port: number };

/** Starts a real Redis on 127.0.0.1 and a free port, or the one given; nothing of it is written to a disk. */
export async function startRedis(options: { port?: number } = {}): Promise<RunningRedis> {
  const port = options.port ?? (await freePort());
  const server = await startServer({
    path: findBinary("redis-server"),
    args: ["--bind", "127.0.0.1", "--port", String(port), "--save", "", "--appendonly", "no"],
    readyLine: "Ready to accept connections",
    log: "stdout",
    stopSignal: "SIGTERM",
    lastSignal: "SIGKILL",
  });
  return { ...server, url: `redis://127.0.0.1:${port}`, port };
}
