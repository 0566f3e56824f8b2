import { open } from "node:fs/promises";
import { unusable } from "./key-set.ts";

/** Reads a JWKS; undefined where it is what was read before. */
export type ReadText = () => Promise<string | undefined>;

const MAX_BYTES = 262_144;
const TIMEOUT_MS = 5_000;

/** The answer of an address: bounded in time and size, and never followed elsewhere. */
export function readUrl(url: string): ReadText {
  return async () => {
    const response = await fetch(url, {
      headers: { accept: "application/json, application/jwk-set+json" },
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((cause: unknown) => {
      throw unusable("its address does not answer", cause);
    });
    const body = await bounded(response);
    if (!response.ok) throw unusable(`its address answers with ${response.status}`);
    return body;
  };
}

/** A file, where it is another one or was written since. */
export function readFileWhenChanged(path: string): ReadText {
  let seen = "";
  return async () => {
    await using file = await open(path).catch((cause: unknown) => {
      throw unusable(`the file ${path} cannot be read`, cause);
    });
    const { ino, size, mtimeMs } = await file.stat();
    const version = `${ino} ${size} ${mtimeMs}`;
    if (version === seen) return undefined;
    if (size > MAX_BYTES) throw tooLarge();
    const text = await file.readFile("utf8");
    seen = version;
    return text;
  };
}

async function bounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function tooLarge(): Error {
  return unusable(`it is larger than ${MAX_BYTES} bytes`);
}
