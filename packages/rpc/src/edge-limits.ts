import { Code, ConnectError } from "@connectrpc/connect";
import { tooLarge } from "./codec.ts";
import { errorInfo } from "./error-details.ts";

type Body = AsyncIterable<Uint8Array>;

/** Bounds a body that is one message: a unary call of the Connect protocol. */
export async function* limitBody(body: Body, maxBytes: number): Body {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    yield chunk;
  }
}

/** Flags and length before each message of gRPC, gRPC-Web and Connect streams. */
const PREFIX_BYTES = 5;

/** Bounds each message of an enveloped body as soon as its length is known, before its bytes are kept. */
export async function* limitEnvelopes(body: Body, maxBytes: number): Body {
  const prefix = new DataView(new ArrayBuffer(PREFIX_BYTES));
  let filled = 0;
  let rest = 0;
  for await (const chunk of body) {
    for (let at = 0; at < chunk.byteLength; ) {
      if (filled < PREFIX_BYTES) {
        prefix.setUint8(filled++, chunk[at++] ?? 0);
        if (filled < PREFIX_BYTES) continue;
        rest = prefix.getUint32(1);
        if (rest > maxBytes) throw tooLarge(maxBytes);
      }
      const taken = Math.min(rest, chunk.byteLength - at);
      at += taken;
      rest -= taken;
      if (rest === 0) filled = 0;
    }
    yield chunk;
  }
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** Bounds the nesting of a JSON body while it is read: parsers recurse, and a stack is finite. */
export async function* limitDepth(body: Body, maxDepth: number): Body {
  let depth = 0;
  let inString = false;
  let escaped = false;
  for await (const chunk of body) {
    for (const byte of chunk) {
      if (escaped) escaped = false;
      else if (inString && byte === BACKSLASH) escaped = true;
      else if (byte === QUOTE) inString = !inString;
      else if (!inString && OPENING.has(byte)) depth++;
      else if (!inString && CLOSING.has(byte)) depth--;
      if (depth > maxDepth) throw tooDeep(maxDepth);
    }
    yield chunk;
  }
}

function tooDeep(maxDepth: number): ConnectError {
  return new ConnectError(`the JSON is nested deeper than ${maxDepth}`, Code.InvalidArgument, undefined, [
    errorInfo("FR-E1305", `Nest at most ${maxDepth} objects and lists.`),
  ]);
}
