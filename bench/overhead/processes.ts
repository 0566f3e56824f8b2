import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TICKS_A_SECOND = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/** A server under measurement: where to ask, and the processes whose CPU counts. */
export type Candidate = { name: string; http: string; pids: number[] } & AsyncDisposable;

/** Starts `node --import tsx …args` and reads its ready line. */
export async function startCandidate<Ready>(
  args: string[],
  env: Record<string, string>,
): Promise<Ready & AsyncDisposable> {
  const child = spawn(process.execPath, ["--import", "tsx", ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    void gone.then(() => reject(new Error(`${args.join(" ")} ended before it was ready`)));
  });
  child.stdout.resume();
  return {
    ...(JSON.parse(line) as Ready),
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await gone;
    },
  };
}

/** CPU milliseconds, user and system, that the processes have used since they started (Linux). */
export function cpuMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    return sum + ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_A_SECOND;
  }, 0);
}
