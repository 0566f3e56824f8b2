import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { parse } from "yaml";
import { findBinary } from "./binaries.ts";
import { type ServerProcess, startServer } from "./server-process.ts";

export type EnvoyOptions = {
  /** Each line of its access log, which it writes to stdout. */
  onAccess?: (line: string) => void;
};

const FLAGS = [
  // Several run side by side and share nothing.
  "--disable-hot-restart",
  ...["--concurrency", "2"],
  ...["--drain-time-s", "1"],
  ...["--file-flush-interval-msec", "100"],
  // No more than what says that it serves.
  ...["--log-level", "warning", "--component-log-level", "config:info"],
];

/** Starts a real Envoy with a configuration file, whose listeners are then open. One that refuses its configuration is an error that says why. */
export async function startEnvoy(config: string, { onAccess }: EnvoyOptions = {}): Promise<ServerProcess> {
  const server = await startServer({
    path: findBinary("envoy"),
    args: ["-c", config, ...FLAGS],
    readyLine: "starting workers",
    log: "stderr",
    stopSignal: "SIGTERM",
    lastSignal: "SIGKILL",
    ...(onAccess && { onOutput: onAccess }),
  });
  try {
    await Promise.all(listenersOf(await readFile(config, "utf8")).map(untilOpen));
    return server;
  } catch (fault) {
    await server[Symbol.asyncDispose]();
    throw fault;
  }
}

type SocketAddress = { address: string; port_value: number };
type Bootstrap = {
  static_resources: { listeners: { address?: { socket_address?: SocketAddress } }[] };
};

function listenersOf(config: string): SocketAddress[] {
  const { listeners } = (parse(config) as Bootstrap).static_resources;
  return listeners.flatMap(({ address }) => address?.socket_address ?? []);
}

const TRIES = 200;

/** Its workers listen a moment after it says that they start. */
async function untilOpen({ address, port_value }: SocketAddress): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const socket = connect(port_value, address);
    try {
      await once(socket, "connect");
      return;
    } catch (fault) {
      if (tries === TRIES) throw fault;
      await wait(25);
    } finally {
      socket.destroy();
    }
  }
}
