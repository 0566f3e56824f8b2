import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
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
/** macOS allows 103, Linux 107. */
const SOCKET_PATH_BYTES = 100;

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
  const host = socketFolder(dir);
  const cleanUp = () => rmSync(host, { recursive: true, force: true });
  const worker = start({ kind: "serve", dir, socket: socketIn(host), settings }, onDeath);
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

/** Beside the cluster, where the next start finds and clears what a killed process left; unless the path is too long for a socket. */
function socketFolder(dir: string): string {
  const beside = `${resolve(dir)}.socket`;
  if (Buffer.byteLength(socketIn(beside)) > SOCKET_PATH_BYTES) return mkdtempSync(join(tmpdir(), "forerun-"));
  rmSync(beside, { recursive: true, force: true });
  mkdirSync(beside, { mode: 0o700 });
  return beside;
}

function socketIn(folder: string): string {
  return join(folder, `.s.PGSQL.${PORT}`);
}

/** In a thread of its own, so that the memory it takes goes with it. */
async function create(dir: string): Promise<void> {
  const worker = start({ kind: "create", dir }, () => {});
  await worker.heard("done");
}

function start(task: WorkerTask, onDeath: (error: Error) => void): SupervisedWorker {
  return new SupervisedWorker(startTypescriptWorker(new URL("./worker.ts", import.meta.url), task), onDeath);
}
