import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export const ROOT = new URL("../..", import.meta.url).pathname;
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 20_000;

/** The fields of the ready line that tests use; contracts name the rest. */
export type ReadyLine = {
  event: "ready";
  http: string;
  grpc: string;
  metrics: string;
  pid: number;
  ms: number;
  model: string | null;
  store: string;
};

export type RunningProcess<Ready> = {
  ready: Ready;
  child: ChildProcess;
  /** What it has written to stderr so far. */
  stderr(): string;
  /** Sends the signal and resolves with the exit code, or the signal's name, once it is gone. */
  stop(signal?: NodeJS.Signals): Promise<number | string>;
} & AsyncDisposable;

/** Starts a command of this repository and waits for its ready line, the first line on stdout. */
export async function startProcess<Ready>(
  command: readonly string[],
  env: Record<string, string> = {},
): Promise<RunningProcess<Ready>> {
  const child = spawn(process.execPath, command, {
    cwd: ROOT,
    env: { ...process.env, CI: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const gone = new Promise<number | string>((resolve) => {
    child.once("exit", (code, signal) => resolve(code ?? signal ?? "unknown"));
  });
  const stop = async (signal: NodeJS.Signals = "SIGTERM") => {
    child.kill(signal);
    const hard = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
    return gone.finally(() => clearTimeout(hard));
  };
  const ready = (await firstLine(child, gone, () => stderr)) as Ready;
  return {
    ready,
    child,
    stderr: () => stderr,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

async function firstLine(
  child: ChildProcess,
  gone: Promise<unknown>,
  stderr: () => string,
): Promise<unknown> {
  if (!child.stdout) throw new Error("the process has no stdout");
  const lines = createInterface({ input: child.stdout });
  const line = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not ready in time: ${stderr()}`)), READY_WITHIN_MS);
    lines.once("line", (text) => {
      clearTimeout(timer);
      resolve(text);
    });
    void gone.then((code) => {
      clearTimeout(timer);
      reject(new Error(`ended with ${code} before it was ready: ${stderr()}`));
    });
  });
  child.stdout.resume();
  return JSON.parse(line);
}

export type RunningForerun = RunningProcess<ReadyLine> & { dataDir: string };

/** `npm start` on free ports and a data folder of its own, unless `env` names one. */
export async function startForerun(env: Record<string, string> = {}): Promise<RunningForerun> {
  const dataDir = env.DATA_DIR ?? (await mkdtemp(join(tmpdir(), "forerun-test-")));
  const running = await startProcess<ReadyLine>(["cli/bin/forerun.mjs", "start"], {
    PORT: "0",
    GRPC_PORT: "0",
    METRICS_ADDR: "127.0.0.1:0",
    DATA_DIR: dataDir,
    TOOLS_DIR: join(dataDir, "tools"),
    LOG_LEVEL: "warn",
    ...env,
  });
  return {
    ...running,
    dataDir,
    async [Symbol.asyncDispose]() {
      await running.stop();
      if (!env.DATA_DIR) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Runs the command line to its end. */
export async function runForerun(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number | string; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ["cli/bin/forerun.mjs", ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | string>((resolve) => {
      child.once("exit", (exit, signal) => resolve(exit ?? signal ?? "unknown"));
    }),
  ]);
  return { code, stdout, stderr };
}

async function text(stream: NodeJS.ReadableStream): Promise<string> {
  let all = "";
  for await (const chunk of stream.setEncoding("utf8")) all += chunk;
  return all;
}
