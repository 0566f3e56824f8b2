import type { Readable } from "node:stream";
import { brokenOff, unreadable } from "./model-errors.ts";
import type { SilenceTimer } from "./silence-timer.ts";

/** A whole body as text. Throws a ForerunError for one that breaks off or holds more than `maxBytes`. */
export async function readBody(body: Readable, silence: SilenceTimer, maxBytes: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const bytes of body as AsyncIterable<Uint8Array>) {
      silence.refresh();
      size += bytes.byteLength;
      if (size > maxBytes) break;
      parts.push(bytes);
    }
  } catch (fault) {
    throw silence.expired ? fault : brokenOff(fault);
  }
  if (size > maxBytes) throw unreadable();
  return Buffer.concat(parts).toString("utf8");
}
