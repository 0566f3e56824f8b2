import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { leaveNoChild } from "./leave-no-child.ts";

export type ServerCommand = {
  path: string;
  args: readonly string[];
  /** Part of the log line that says that it serves. */
  readyLine: string;
  /** Which of its outputs is its log. */
  log: "stdout" | "stderr";
  /** Asks it to end its sessions and stop. */
  stopSignal: NodeJS.Signals;
  /** Ends it when this process ends without having stopped it. */
  lastSignal: NodeJS.Signals;
  /** Each line of its other output, which is thrown away otherwise. */
  onOutput?: (line: string) => void;
  options?: Pick<SpawnOptions, "cwd" | "env" | "uid" | "gid">;
};

/** A server that runs as a child. Disposing of it stops it; `process` is for those who end it in other ways. */
export type ServerProcess = { process: ChildProcess } & AsyncDisposable;

/** Lines of its log that a server which does not start is blamed with. */
const LINES_KEPT = 200;

/** Starts a server and resolves once it serves; one that ends before is an error that carries what it logged. */
export async function startServer(command: ServerCommand): Promise<ServerProcess> {
  const { path, args, log, stopSignal, lastSignal, onOutput, options } = command;
  const other = onOutput ? "pipe" : "ignore";
  const process = spawn(path, args, {
    ...options,
    stdio: ["ignore", log === "stdout" ? "pipe" : other, log === "stderr" ? "pipe" : other],
    // A group of its own: Ctrl+C in a terminal reaches whoever started it, who then stops it.
    detached: true,
  });
  leaveNoChild(process, lastSignal);
  const output = log === "stdout" ? process.stderr : process.stdout;
  if (output && onOutput) createInterface({ input: output }).on("line", onOutput);
  await untilReady(process, command);
  return {
    process,
    async [Symbol.asyncDispose]() {
      if (process.exitCode !== null || process.signalCode !== null) return;
      const ended = once(process, "exit");
      process.kill(stopSignal);
      // One that was frozen hears nothing else.
      process.kill("SIGCONT");
      await ended;
    },
  };
}

async function untilReady(server: ChildProcess, { log, readyLine }: ServerCommand): Promise<void> {
  const output = server[log];
  if (!output) throw new Error("the server's log is not piped");
  const seen: string[] = [];
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.once("exit", (code) => reject(new Error(`it ended with code ${code}:\n${seen.join("\n")}`)));
    createInterface({ input: output }).on("line", (line) => {
      if (line.includes(readyLine)) resolve();
      // Later lines are read and dropped, so that the pipe never fills.
      if (seen.length < LINES_KEPT) seen.push(line);
    });
  });
}
