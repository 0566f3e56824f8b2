import { existsSync, mkdtempSync, readFileSync, rmdirSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type Finding, fine, wrong } from "./finding.ts";

/** The data folder can be written, or made where it is to be. */
export function checkDataFolder(folder: string): Finding {
  const place = nearestExisting(resolve(folder));
  try {
    // Trying tells more than permission bits: read-only mounts, quotas, foreign users.
    rmdirSync(mkdtempSync(join(place, ".forerun-doctor-")));
    return fine("data folder", existsSync(folder) ? `${folder} is writable` : `${folder} will be made`);
  } catch {
    return wrong(
      "data folder",
      `${place} cannot be written`,
      `chmod u+rwx ${place}, or set DATA_DIR to another folder`,
    );
  }
}

/** Process that owns the data folder's store now. */
export type Owner = { pid: number; host: string };

/** The data folder is free, or owned by the server that answers. */
export function checkOwner(owner: Owner | undefined, folder: string, serverAnswers: boolean): Finding {
  if (!owner) return fine("data folder owner", "free");
  const detail = `process ${owner.pid} on ${owner.host}`;
  if (serverAnswers && owner.host === hostname()) return fine("data folder owner", detail);
  const fix =
    owner.host === hostname()
      ? `set FORERUN_URL to where process ${owner.pid} serves, or stop it, or set DATA_DIR to another folder`
      : `stop it there; if nothing uses the folder any more, delete ${join(folder, "*.lock")}`;
  return wrong("data folder owner", detail, fix);
}

/** Who holds the folder's owner lock; a lock whose process is gone counts as free. */
export function ownerOf(folder: string): Owner | undefined {
  for (const store of ["chat", "memory"]) {
    const owner = readLock(join(folder, `${store}.lock`));
    if (owner && (owner.host !== hostname() || isAlive(owner.pid))) return owner;
  }
  return undefined;
}

function readLock(path: string): Owner | undefined {
  try {
    const lock: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof lock !== "object" || lock === null || !("pid" in lock) || !("host" in lock)) return undefined;
    return typeof lock.pid === "number" && typeof lock.host === "string"
      ? { pid: lock.pid, host: lock.host }
      : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}
