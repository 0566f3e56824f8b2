import { readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import type { ErrorCode } from "@forerun/runtime/error-catalog";
import { DOCUMENT_EXTENSIONS } from "./read-document.ts";

export type Found = { files: string[]; skipped: { path: string; code: ErrorCode; message: string }[] };

/**
 * Files to ingest, in order of their path. A named file is always taken, so that a wrong one is told of; in folders only
 * documents are, and hidden entries and node_modules are passed over.
 */
export async function findDocuments(paths: readonly string[]): Promise<Found> {
  const found: Found = { files: [], skipped: [] };
  for (const path of paths) {
    try {
      if ((await stat(path)).isDirectory()) found.files.push(...(await below(path)));
      else found.files.push(path);
    } catch (error) {
      found.skipped.push({
        path,
        code: "FR-E1605",
        message: error instanceof Error ? error.message : String(error),
      });
    }
  }
  found.files = [...new Set(found.files)].toSorted();
  return found;
}

async function below(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const nested = await Promise.all(
    entries
      .filter((entry) => !entry.name.startsWith(".") && entry.name !== "node_modules")
      .map((entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return below(path);
        return entry.isFile() && DOCUMENT_EXTENSIONS.includes(extname(path).toLowerCase()) ? [path] : [];
      }),
  );
  return nested.flat();
}
