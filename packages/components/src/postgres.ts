import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, realpath, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { findBinary } from "./binaries.ts";
import { freePort } from "./free-port.ts";
import { type ServerProcess, startServer } from "./server-process.ts";

/** A database server of its own; `url` logs in as its superuser. Disposing stops it and removes its folder. */
export type RunningPostgres = ServerProcess & { url: string; port: number };

/** Postgres refuses to run as root: started by root, it runs as `nobody`, who then owns the folder. */
const NOBODY = 65534;

const run = promisify(execFile);

export type PostgresOptions = {
  /** Keeps its data here, durably, and finds it again; without it the data is gone with the server. */
  folder?: string;
};

/** Starts a real Postgres on 127.0.0.1 and a free port. */
export async function startPostgres(options: PostgresOptions = {}): Promise<RunningPostgres> {
  const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  // The real path: a link may lie where the other user cannot follow it.
  const [initdb, postgres] = await Promise.all([
    realpath(findBinary("initdb")),
    realpath(findBinary("postgres")),
  ]);
  const folder = options.folder
    ? resolve(options.folder)
    : await mkdtemp(join(tmpdir(), "forerun-postgres-"));
  const cleanUp = async () => {
    if (!options.folder) await rm(folder, { recursive: true, force: true });
  };
  try {
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o700);
    if (identity.uid !== undefined) {
      await chown(folder, identity.uid, identity.gid);
      await letThrough(dirname(folder));
    }
    const data = join(folder, "data");
    const flags = options.folder ? [] : ["--no-sync"];
    if (!existsSync(join(data, "PG_VERSION"))) {
      await run(initdb, ["-D", data, ...INITDB_FLAGS, ...flags], { ...identity, cwd: folder });
    }
    const port = await freePort();
    const server = await startServer({
      path: postgres,
      args: serverArguments(data, port, options.folder !== undefined),
      readyLine: "ready to accept connections",
      log: "stderr",
      // Ends its sessions and stops at once, cleanly.
      stopSignal: "SIGINT",
      // Without time for an orderly end: Postgres recovers at its next start.
      lastSignal: "SIGQUIT",
      options: { ...identity, cwd: folder },
    });
    return {
      process: server.process,
      url: `postgres://postgres@127.0.0.1:${port}/postgres`,
      port,
      [Symbol.asyncDispose]: async () => {
        await server[Symbol.asyncDispose]();
        await cleanUp();
      },
    };
  } catch (cause) {
    await cleanUp();
    throw new Error(`Postgres did not start (${initdb}): ${(cause as Error).message}`, { cause });
  }
}

/** The other user may pass through the folder, and still not list it. */
async function letThrough(folder: string): Promise<void> {
  const { mode } = await stat(folder);
  await chmod(folder, (mode & 0o7777) | 0o011);
}

const INITDB_FLAGS = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale"];

/** No Unix socket: its folder would have to be one that the other user can reach, with a path short enough. */
function serverArguments(data: string, port: number, durable: boolean): string[] {
  const settings = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "jit=off",
    `fsync=${durable ? "on" : "off"}`,
  ];
  return ["-D", data, "-p", String(port), ...settings.flatMap((setting) => ["-c", setting])];
}
