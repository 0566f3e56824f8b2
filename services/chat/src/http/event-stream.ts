import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { LinkedAbort } from "@forerun/runtime/linked-abort";

export type ServerSentEvent = { id?: string; event?: string; data: string };

/** Milliseconds a client may leave a full buffer unread before it is cut off. */
const STALLED_CLIENT_MS = 60_000;

/** Begins a response of server-sent events. */
export function openEventStream(response: ServerResponse): void {
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    // nginx and its kin would hold the events back otherwise.
    "x-accel-buffering": "no",
  });
  response.flushHeaders();
  response.socket?.setNoDelay(true);
}

/**
 * Writes one event and waits while the client reads more slowly than we write, so that at most one event beyond the
 * socket's buffer is held. Rejects when the client goes away or stalls.
 */
export async function writeEvent(
  response: ServerResponse,
  event: ServerSentEvent,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  if (response.write(format(event))) return;
  using waiting = new LinkedAbort(signal);
  const stalled = setTimeout(
    () => waiting.abort(new DOMException("the client stalls", "TimeoutError")),
    STALLED_CLIENT_MS,
  );
  try {
    await once(response, "drain", { signal: waiting.signal });
  } catch (gone) {
    response.destroy();
    throw gone;
  } finally {
    clearTimeout(stalled);
  }
}

/** JSON holds no raw line break, so `data` is always one line. */
function format({ id, event, data }: ServerSentEvent): string {
  const head = (id === undefined ? "" : `id: ${id}\n`) + (event === undefined ? "" : `event: ${event}\n`);
  return `${head}data: ${data}\n\n`;
}
