import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A process that listens on a port. */
export type PortHolder = { pid: number; name: string };

/** Who listens on a TCP port of this machine; undefined when that cannot be seen (another user's process, for example). */
export function portHolder(port: number): PortHolder | undefined {
  try {
    return process.platform === "linux" ? fromProc(port) : fromLsof(port);
  } catch {
    return undefined;
  }
}

const LISTEN = "0A";

/** The kernel's socket tables give the inode of the listening socket, a process's open files who holds it. */
function fromProc(port: number): PortHolder | undefined {
  const inodes = new Set(["tcp", "tcp6"].flatMap((table) => listeningInodes(table, port)));
  if (inodes.size === 0) return undefined;
  for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    if (openSockets(pid).some((inode) => inodes.has(inode))) {
      return { pid: Number(pid), name: readFileSync(`/proc/${pid}/comm`, "utf8").trim() };
    }
  }
  return undefined;
}

function listeningInodes(table: string, port: number): string[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, "0");
  return readFileSync(`/proc/net/${table}`, "utf8")
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === LISTEN && local?.endsWith(`:${hexPort}`))
    .map((fields) => fields[9] ?? "");
}

function openSockets(pid: string): string[] {
  const folder = `/proc/${pid}/fd`;
  return attempt(() => readdirSync(folder), []).flatMap((fd) => {
    const target = attempt(() => readlinkSync(`${folder}/${fd}`), "");
    return /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? [];
  });
}

/** Processes and their files may be gone by the time one looks, or be another user's. */
function attempt<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}

function fromLsof(port: number): PortHolder | undefined {
  const report = execFileSync("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"], { encoding: "utf8" });
  const pid = /^p(\d+)$/m.exec(report)?.[1];
  return pid ? { pid: Number(pid), name: /^c(.+)$/m.exec(report)?.[1] ?? "?" } : undefined;
}
