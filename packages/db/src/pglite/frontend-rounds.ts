import type { Socket } from "node:net";

const CANCEL_REQUEST = 80877102;
/** SSLRequest and GSSENCRequest: "N" says that the connection stays as it is. */
const ENCRYPTION_REQUESTS: ReadonlySet<number> = new Set([80877103, 80877104]);
const TERMINATE = "X".charCodeAt(0);

/**
 * What a client of Postgres' wire protocol sends, as bytes that can be run at once: first its startup packet, then all the
 * messages that have come whole. Ends with the connection or when the client takes its leave.
 */
export async function* frontendRounds(socket: Socket): AsyncGenerator<Uint8Array, void, undefined> {
  let held: Buffer = Buffer.alloc(0);
  let started = false;
  for await (const data of socket as AsyncIterable<Buffer>) {
    held = held.length === 0 ? data : Buffer.concat([held, data]);
    while (!started) {
      const packet = firstPacket(held);
      if (!packet) break;
      held = held.subarray(packet.length);
      const code = packet.readInt32BE(4);
      if (code === CANCEL_REQUEST) return;
      if (ENCRYPTION_REQUESTS.has(code)) {
        socket.write("N");
        continue;
      }
      started = true;
      yield packet;
    }
    if (!started) continue;
    const { end, last } = wholeMessages(held);
    if (end > 0) yield held.subarray(0, end);
    if (last) return;
    held = held.subarray(end);
  }
}

/** A packet of the opening has no type: its length, itself included, then a code. */
function firstPacket(bytes: Buffer): Buffer | undefined {
  if (bytes.length < 8) return undefined;
  const length = bytes.readInt32BE(0);
  return bytes.length < length ? undefined : bytes.subarray(0, length);
}

/** Where the last whole message ends; `last`: a terminate message comes there, which the engine must not see. */
function wholeMessages(bytes: Buffer): { end: number; last: boolean } {
  let end = 0;
  while (bytes.length - end >= 5) {
    if (bytes[end] === TERMINATE) return { end, last: true };
    const next = end + 1 + bytes.readInt32BE(end + 1);
    if (next > bytes.length) break;
    end = next;
  }
  return { end, last: false };
}
