import { chmodSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { ensureCluster, startParams } from "./cluster.ts";
import type { WorkerReply, WorkerTask } from "./server.ts";

/** The body of a store thread: either makes a cluster and ends, or serves one on a Unix socket until it is told to stop. */
async function main(task: WorkerTask): Promise<void> {
  if (task.kind === "create") {
    await ensureCluster(task.dir);
    return reply({ kind: "done" });
  }
  const db = await PGlite.create({ dataDir: task.dir, startParams: startParams(task.settings) });
  const server = new PGLiteSocketServer({ db, path: task.socket, maxConnections: 4 });
  await server.start();
  chmodSync(task.socket, 0o600);
  parentPort?.once("message", async () => {
    await server.stop();
    await db.close();
    reply({ kind: "done" });
    parentPort?.close();
  });
  reply({ kind: "ready" });
}

function reply(message: WorkerReply): void {
  parentPort?.postMessage(message);
}

await main(workerData as WorkerTask);
