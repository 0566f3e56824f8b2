import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** Names one process for good: pids are reused, within a boot by another start time, after a boot by another boot id. */
export type ProcessIdentity = { pid: number; started: string; host: string; boot: string };

export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, started: startTime(process.pid) ?? "", host: hostname(), boot: bootId() };
}

/** When the process started, in the system's own unit; undefined when there is no such process. */
export function startTime(pid: number): string | undefined {
  try {
    if (process.platform === "linux") {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      // The command in parentheses may hold blanks; the state is field 3, the start time field 22.
      return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    }
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim() || undefined;
  } catch {
    return undefined;
  }
}

function bootId(): string {
  try {
    if (process.platform === "linux") return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return execFileSync("sysctl", ["-n", "kern.bootsessionuuid"], { encoding: "utf8" }).trim();
  } catch {
    return "";
  }
}
