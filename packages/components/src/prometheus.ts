import { findBinary } from "./binaries.ts";
import { freePort } from "./free-port.ts";
import { type ServerProcess, startServer } from "./server-process.ts";

export type RunningPrometheus = ServerProcess & { url: string };

/** Starts a real Prometheus on 127.0.0.1 and a free port, with its data below `folder`. */
export async function startPrometheus(config: string, folder: string): Promise<RunningPrometheus> {
  const address = `127.0.0.1:${await freePort()}`;
  const server = await startServer({
    path: findBinary("prometheus"),
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${folder}`,
      `--web.listen-address=${address}`,
      "--log.level=info",
    ],
    readyLine: "Server is ready to receive web requests",
    log: "stderr",
    stopSignal: "SIGTERM",
    lastSignal: "SIGKILL",
  });
  return { ...server, url: `http://${address}` };
}
