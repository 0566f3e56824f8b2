import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { type ProcessIdentity, startTime, thisProcess } from "./process-identity.ts";

type Judgement = "dead" | "alive" | "elsewhere" | "unreadable";

/**
 * Makes this process the owner of what `path` (a file ending in .lock) stands for: two owners would corrupt a PGlite folder
 * silently. link() creates the file with its content in one step. A lock whose process is gone is taken over; one of another
 * host or boot is not ours to judge. Throws FR-E1102.
 */
export function acquireOwnerLock(path: string): Disposable {
  const self = thisProcess();
  const draft = `${path}.${self.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(draft, JSON.stringify(self), { mode: 0o600, flag: "wx" });
  try {
    if (!tryLink(draft, path)) takeOver(draft, path, self);
  } finally {
    rmSync(draft, { force: true });
  }
  return { [Symbol.dispose]: () => release(path, self) };
}

/**
 * Replaces a dead owner's lock. Two processes may find it dead at once, and the slower one must not remove the faster one's
 * new lock: whoever replaces holds a guard meanwhile and judges again under it.
 */
function takeOver(draft: string, path: string, self: ProcessIdentity): void {
  const guard = `${path}.takeover`;
  if (judge(path, self) !== "dead") throw inUse(path);
  if (!tryLink(draft, guard)) throw inUse(path, guard);
  try {
    if (judge(path, self) !== "dead") throw inUse(path);
    renameSync(draft, path);
  } finally {
    rmSync(guard, { force: true });
  }
}

function release(path: string, self: ProcessIdentity): void {
  const owner = read(path);
  if (owner?.pid === self.pid && owner.started === self.started && owner.boot === self.boot) {
    rmSync(path, { force: true });
  }
}

function judge(path: string, self: ProcessIdentity): Judgement {
  const owner = read(path);
  if (!owner) return "unreadable";
  if (owner.host !== self.host || owner.boot !== self.boot) return "elsewhere";
  return startTime(owner.pid) === owner.started ? "alive" : "dead";
}

function read(path: string): ProcessIdentity | undefined {
  try {
    const { pid, started, host, boot } = JSON.parse(readFileSync(path, "utf8")) as Partial<ProcessIdentity>;
    if (typeof pid !== "number" || typeof started !== "string") return undefined;
    if (typeof host !== "string" || typeof boot !== "string") return undefined;
    return { pid, started, host, boot };
  } catch {
    return undefined;
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function inUse(path: string, guard?: string): ForerunError {
  const owner = read(guard ?? path);
  const who = owner ? `process ${owner.pid} on host ${owner.host}` : "an unknown process";
  const here = owner && startTime(owner.pid) === owner.started;
  return new ForerunError(
    "FR-E1102",
    "failed_precondition",
    `the data folder is in use by ${who} (${guard ?? path})`,
    here
      ? `Stop process ${owner.pid}, or give this one a folder of its own by DATA_DIR.`
      : `If nothing uses the folder any more, on any host, delete ${guard ?? path} and start again.`,
  );
}
