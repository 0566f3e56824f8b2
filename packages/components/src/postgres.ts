import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, realpath, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { findBinary } from "./binaries.ts";
import { freePort } from "./free-port.ts";
import { leaveNoChild } from "./leave-no-child.ts";

/** A database server of its own; `url` logs in as its superuser. Disposing stops it and removes its folder. */
export type RunningPostgres = { url: string; port: number } & AsyncDisposable;

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
    const server = spawn(postgres, serverArguments(data, port, options.folder !== undefined), {
      ...identity,
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
      // A group of its own: Ctrl+C in a terminal reaches whoever started it, who then stops it.
      detached: true,
    });
    // Without time for an orderly end: Postgres recovers at its next start.
    leaveNoChild(server, "SIGQUIT");
    await untilReady(server);
    return {
      url: `postgres://postgres@127.0.0.1:${port}/postgres`,
      port,
      [Symbol.asyncDispose]: async () => {
        await stop(server);
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

/** Resolves with the log line that says so; a server that ends first is a fault that carries what it logged. */
async function untilReady(server: ChildProcess): Promise<void> {
  if (!server.stderr) throw new Error("the server's log is not piped");
  const log = createInterface({ input: server.stderr });
  const seen: string[] = [];
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.once("exit", (code) => reject(new Error(`it ended with code ${code}:\n${seen.join("\n")}`)));
    log.on("line", (line) => {
      if (line.includes("ready to accept connections")) resolve();
      // Later lines are read and dropped, so that the pipe never fills.
      if (seen.length < 200) seen.push(line);
    });
  });
}

/** SIGINT asks Postgres to end its sessions and stop at once, cleanly. */
async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, "exit");
  server.kill("SIGINT");
  await ended;
}
