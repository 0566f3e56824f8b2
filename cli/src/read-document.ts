import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { extname } from "node:path";
import type { MediaType } from "@forerun/memory/document";
import { MAX_DOCUMENT_BYTES } from "@forerun/memory/parse-document";
import type { ErrorCode } from "@forerun/runtime/error-catalog";

/** A file as a document, or why it is none. `text` is without a byte order mark; offsets of citations count in it. */
export type ReadOutcome =
  | { kind: "read"; path: string; mediaType: MediaType; text: string }
  | { kind: "skipped"; path: string; code: ErrorCode; message: string };

const MEDIA_TYPES: ReadonlyMap<string, MediaType> = new Map([
  [".md", "text/markdown"],
  [".markdown", "text/markdown"],
  [".txt", "text/plain"],
]);

/** Endings of the files that are read, for walking folders and for help texts. */
export const DOCUMENT_EXTENSIONS: readonly string[] = [...MEDIA_TYPES.keys()];

/** Reads one file. Never throws: whatever is wrong with it is the outcome. */
export async function readDocument(path: string): Promise<ReadOutcome> {
  const skipped = (code: ErrorCode, message: string): ReadOutcome => ({
    kind: "skipped",
    path,
    code,
    message,
  });
  const mediaType = MEDIA_TYPES.get(extname(path).toLowerCase());
  if (!mediaType) return skipped("FR-E1606", `only ${DOCUMENT_EXTENSIONS.join(", ")} files can be read`);
  try {
    const bytes = await readLimited(path);
    if (bytes === "not a file") return skipped("FR-E1605", "not a regular file");
    if (bytes === "too large") return skipped("FR-E1602", `larger than ${MAX_DOCUMENT_BYTES} bytes`);
    const text = textOf(bytes);
    if (text === undefined) return skipped("FR-E1607", "not UTF-8 text");
    if (text.trim() === "") return skipped("FR-E1603", "nothing but white space");
    return { kind: "read", path, mediaType, text };
  } catch (error) {
    return skipped("FR-E1605", error instanceof Error ? error.message : String(error));
  }
}

/** Checks through the open file, so that what is checked is what is read; a pipe is not waited for. */
async function readLimited(path: string): Promise<Buffer | "not a file" | "too large"> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) return "not a file";
    if (stats.size > MAX_DOCUMENT_BYTES) return "too large";
    const bytes = await file.readFile();
    return bytes.length > MAX_DOCUMENT_BYTES ? "too large" : bytes;
  } finally {
    await file.close();
  }
}

function textOf(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
