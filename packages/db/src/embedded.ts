import { existsSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DisposalStack } from "@forerun/runtime/disposal";
import { ForerunError } from "@forerun/runtime/forerun-error";
import type { Logger } from "@forerun/runtime/logger";
import { acquireOwnerLock } from "./pglite/owner-lock.ts";
import { startPglite } from "./pglite/server.ts";
import { Sessions } from "./sessions.ts";
import { Upkeep } from "./upkeep.ts";

/** A folder of the data folder: turns and tool calls share one, so that documents never hold them up. */
export type EmbeddedPlace = { dataDir: string; folder: "chat" | "memory" };

export type EmbeddedOptions = {
  /** Postgres settings of the engine, for example plan_cache_mode. */
  settings?: Readonly<Record<string, string>>;
  log: Logger;
  /** Called when the PGlite thread dies; by default the process ends with the error, since nothing can be stored any more. */
  onFatal?: (error: Error) => void;
};

/** A running PGlite, for all schemas that live in its folder. It has one session, which they take in turns. */
export type EmbeddedStore = { sessions: Sessions } & AsyncDisposable;

/** Starts the store in its folder, which it owns until it is disposed of. Throws FR-E1101…1103. */
export async function openEmbedded(
  { dataDir, folder }: EmbeddedPlace,
  { settings = {}, log, onFatal = endProcess }: EmbeddedOptions,
): Promise<EmbeddedStore> {
  const stack = new DisposalStack();
  const dir = join(dataDir, folder);
  try {
    stack.use(lock(dataDir, `${dir}.lock`));
    const server = await startPglite(dir, settings, onFatal).catch((error: unknown) => {
      throw notStarted(dir, error);
    });
    const { host, port } = stack.use(server);
    const config = { host, port, user: "postgres", database: "postgres" };
    const sessions = stack.use(new Sessions({ config, width: 1 }, log));
    stack.use(new Upkeep(sessions, log));
    return { sessions, [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose]() };
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}

function lock(dataDir: string, path: string): Disposable {
  try {
    makeFolder(resolve(dataDir));
    return acquireOwnerLock(path);
  } catch (error) {
    throw error instanceof ForerunError ? error : notWritable(dataDir, error);
  }
}

/** Node's own recursive mkdir never returns where the system refuses a folder with ENOENT, as in /proc. */
function makeFolder(dir: string): void {
  if (existsSync(dir)) return;
  const parent = dirname(dir);
  if (parent !== dir) makeFolder(parent);
  mkdirSync(dir, { mode: 0o700 });
}

function endProcess(error: Error): void {
  // Outside of any promise, so that it ends the process as an uncaught exception does.
  setImmediate(() => {
    throw error;
  });
}

function notWritable(dataDir: string, cause: unknown): ForerunError {
  return new ForerunError(
    "FR-E1101",
    "failed_precondition",
    `the data folder ${dataDir} cannot be written: ${(cause as Error).message}`,
    "Give DATA_DIR a folder that this user may write, on a local disk with free space.",
    { cause },
  );
}

function notStarted(dir: string, cause: unknown): ForerunError {
  return new ForerunError(
    "FR-E1103",
    "unavailable",
    `the store in ${dir} did not start: ${(cause as Error).message}`,
    `Start again; if it fails again, restore ${dir} from a copy, or move it aside to begin with an empty store.`,
    { cause },
  );
}
