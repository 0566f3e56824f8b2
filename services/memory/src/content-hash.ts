import { createHash } from "node:crypto";
import type { NewDocument } from "./document.ts";

/** Raised when chunks or words are made differently, so that the same content is stored anew. */
const INDEX_VERSION = 1;

/** Tells whether storing a document would change anything. */
export function contentHash({ mediaType, title, text }: NewDocument): Buffer {
  return createHash("sha256")
    .update(JSON.stringify([INDEX_VERSION, mediaType, title]))
    .update(text)
    .digest();
}
