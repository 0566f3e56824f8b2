import type { BigIntStats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/** Every file below a folder, by absolute path, with a stamp that changes when the file does. */
export type Scan = ReadonlyMap<string, string>;

/** More is no folder of tools, but a mistake such as TOOLS_DIR=/. */
const MAX_FILES = 5_000;
const MODULE = /\.[mc]?[jt]s$/;
const NO_TOOL = /\.(test|spec|config|d)\.[mc]?[jt]s$|\.c[jt]s$/;

/** Reads the folder; one that does not exist is empty. Rejects with the system's error for one that cannot be read. */
export async function scanFolder(folder: string): Promise<Scan> {
  const files = new Map<string, string>();
  await scanInto(files, folder, true);
  return files;
}

/** A file's stamp; undefined when it is gone. */
export async function stampOf(path: string): Promise<string | undefined> {
  const stats = await stat(path, { bigint: true }).catch(() => undefined);
  return stats?.isFile() ? stamp(stats) : undefined;
}

/** Whether a file is a tool: a module right in the folder, or index of a folder in it. The rest is there to be imported. */
export function isToolFile(folder: string, path: string): boolean {
  const parts = relative(folder, path).split(sep);
  const [file = "", ...rest] = [...parts].reverse();
  if (!MODULE.test(file) || NO_TOOL.test(file) || file.startsWith("_")) return false;
  return rest.length === 0 || (rest.length === 1 && /^index\./.test(file));
}

async function scanInto(files: Map<string, string>, folder: string, top: boolean): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    // Gone between the listing and now, or not there yet.
    if (error.code === "ENOENT" || (error.code === "ENOTDIR" && !top)) return [];
    throw error;
  });
  for (const entry of entries) {
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      await scanInto(files, path, false);
    } else {
      const stamped = await stampOf(path);
      if (stamped !== undefined) files.set(path, stamped);
    }
    if (files.size > MAX_FILES) throw new Error(`more than ${MAX_FILES} files`);
  }
}

function stamp({ mtimeNs, ctimeNs, size, ino }: BigIntStats): string {
  return `${mtimeNs}.${ctimeNs}.${size}.${ino}`;
}
