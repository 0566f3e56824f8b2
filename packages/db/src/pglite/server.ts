import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTypescriptWorker } from "@forerun/runtime/typescript-worker";
import { SupervisedWorker } from "./supervised-worker.ts";

/** What the thread is to do; it answers "ready" when it serves, "done" when it has finished. */
export type WorkerTask =
  | { kind: "create"; dir: string }
  | { kind: "serve"; dir: string; socket: string; settings: Readonly<Record<string, string>> };

export type PgliteServer = {
  /** Folder of the Unix socket, as pg takes it for a host. */
  host: string;
  port: number;
} & AsyncDisposable;

const PORT = 5432;

/**
 * Serves the cluster in `dir`, made when it is missing, from a worker thread on a Unix socket that only this user can reach.
 * The caller holds the owner lock of `dir`. `onDeath` is called when the thread dies unasked.
 */
export async function startPglite(
  dir: string,
  settings: Readonly<Record<string, string>>,
  onDeath: (error: Error) => void,
): Promise<PgliteServer> {
  if (!existsSync(join(dir, "PG_VERSION"))) await create(dir);
  // Not in the data folder: a socket's path is limited to about 100 bytes. mkdtemp gives mode 0700.
  const host = mkdtempSync(join(tmpdir(), "forerun-"));
  const cleanUp = () => rmSync(host, { recursive: true, force: true });
  const worker = start({ kind: "serve", dir, socket: join(host, `.s.PGSQL.${PORT}`), settings }, onDeath);
  try {
    await worker.heard("ready");
  } catch (error) {
    cleanUp();
    throw error;
  }
  return {
    host,
    port: PORT,
    async [Symbol.asyncDispose]() {
      await worker.stop();
      cleanUp();
    },
  };
}

/** In a thread of its own, so that the memory it takes goes with it. */
async function create(dir: string): Promise<void> {
  const worker = start({ kind: "create", dir }, () => {});
  await worker.heard("done");
}

function start(task: WorkerTask, onDeath: (error: Error) => void): SupervisedWorker {
  return new SupervisedWorker(startTypescriptWorker(new URL("./worker.ts", import.meta.url), task), onDeath);
}
