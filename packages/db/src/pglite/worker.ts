import { chmodSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { ensureCluster, startParams } from "./cluster.ts";
import type { WorkerTask } from "./server.ts";

/** The body of a store thread: either makes a cluster and ends, or serves one on a Unix socket until it is told to stop. */
async function main(task: WorkerTask): Promise<void> {
  if (task.kind === "create") {
    await ensureCluster(task.dir);
    return answer("done");
  }
  const db = await PGlite.create({ dataDir: task.dir, startParams: startParams(task.settings) });
  endOnTrap(db);
  const server = new PGLiteSocketServer({ db, path: task.socket, maxConnections: 4 });
  await server.start();
  chmodSync(task.socket, 0o600);
  parentPort?.once("message", () => void stop(server, db));
  answer("ready");
}

async function stop(server: PGLiteSocketServer, db: PGlite): Promise<void> {
  await server.stop();
  await db.close();
  answer("done");
  parentPort?.close();
}

/**
 * SQL errors travel in the protocol; a message that throws has hit a trap of the engine. The socket server would leave every
 * later message unanswered, so the thread ends instead, and its process with it.
 */
function endOnTrap(db: PGlite): void {
  const run = db.execProtocolRawStream.bind(db);
  db.execProtocolRawStream = async (message, options) => {
    try {
      await run(message, options);
    } catch (trap) {
      setImmediate(() => {
        throw trap;
      });
      throw trap;
    }
  };
}

function answer(message: "ready" | "done"): void {
  parentPort?.postMessage(message);
}

await main(workerData as WorkerTask);
