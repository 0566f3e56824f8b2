import { chmodSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { ensureCluster, startParams } from "./cluster.ts";
import { serveProtocol } from "./protocol-server.ts";
import type { WorkerTask } from "./server.ts";

/** The body of a store thread: either makes a cluster and ends, or serves one on a Unix socket until it is told to stop. */
async function main(task: WorkerTask): Promise<void> {
  if (task.kind === "create") {
    await ensureCluster(task.dir);
    return answer("done");
  }
  const db = await PGlite.create({ dataDir: task.dir, startParams: startParams(task.settings) });
  const server = await serveProtocol(db, task.socket);
  chmodSync(task.socket, 0o600);
  parentPort?.once("message", () => void stop(server, db));
  answer("ready");
}

async function stop(server: AsyncDisposable, db: PGlite): Promise<void> {
  await server[Symbol.asyncDispose]();
  await db.close();
  answer("done");
  parentPort?.close();
}

function answer(message: "ready" | "done"): void {
  parentPort?.postMessage(message);
}

await main(workerData as WorkerTask);
