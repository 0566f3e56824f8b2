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
  return startServer({
    path: findBinary("envoy"),
    // Without hot restart several run side by side and share nothing.
    args: ["-c", config, ...FLAGS],
    readyLine: "starting workers",
    log: "stderr",
    stopSignal: "SIGTERM",
    lastSignal: "SIGKILL",
    ...(onAccess && { onOutput: onAccess }),
  });
}
