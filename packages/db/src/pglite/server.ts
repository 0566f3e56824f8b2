import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { startTypescriptWorker } from "@forerun/runtime/typescript-worker";

export type WorkerTask =
  | { kind: "create"; dir: string }
  | { kind: "serve"; dir: string; socket: string; settings: Readonly<Record<string, string>> };

export type WorkerReply = { kind: "ready" } | { kind: "done" };

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
  // A thread of its own, so that the memory of making a cluster goes with it.
  if (!existsSync(join(dir, "PG_VERSION"))) await awaitReply(spawn({ kind: "create", dir }), "done");
  // Not in the data folder: a socket's path is limited to about 100 bytes. mkdtemp gives mode 0700.
  const host = mkdtempSync(join(tmpdir(), "forerun-"));
  const worker = spawn({ kind: "serve", dir, socket: join(host, `.s.PGSQL.${PORT}`), settings });
  try {
    await awaitReply(worker, "ready");
  } catch (error) {
    rmSync(host, { recursive: true, force: true });
    throw error;
  }
  let stopping = false;
  worker.on("error", (error) => stopping || onDeath(asError(error)));
  worker.on("exit", (code) => stopping || onDeath(new Error(`the store's thread ended with code ${code}`)));
  return {
    host,
    port: PORT,
    async [Symbol.asyncDispose]() {
      if (stopping) return;
      stopping = true;
      const done = awaitReply(worker, "done");
      worker.postMessage("stop");
      await done.finally(() => rmSync(host, { recursive: true, force: true }));
      await worker.terminate();
    },
  };
}

function spawn(task: WorkerTask): Worker {
  return startTypescriptWorker(new URL("./worker.ts", import.meta.url), task);
}

function awaitReply(worker: Worker, kind: WorkerReply["kind"]): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (outcome: () => void) => {
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      outcome();
    };
    const onMessage = (reply: WorkerReply) => reply.kind === kind && settle(resolve);
    const onError = (error: unknown) => settle(() => reject(asError(error)));
    const onExit = (code: number) =>
      settle(() => reject(new Error(`the store's thread ended with code ${code}`)));
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
