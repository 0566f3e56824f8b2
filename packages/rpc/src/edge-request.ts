import type { EdgeRequest } from "./edge.ts";

/** Milliseconds that a client may go on sending what nobody reads. */
const DISCARD_MS = 5_000;

/** The body of a request. Leaving it early leaves the request alone, and the connection that has to carry the refusal. */
export function bodyOf(request: EdgeRequest): AsyncIterable<Uint8Array> {
  return request.iterator({ destroyOnReturn: false });
}

/** Discards the rest of a refused body: unread, it would block the connection's next request and may hide the answer. */
export function discardRest(request: EdgeRequest): void {
  if (request.readableEnded || request.destroyed) return;
  const cut = setTimeout(() => request.destroy(), DISCARD_MS).unref();
  request.once("close", () => clearTimeout(cut));
  request.once("end", () => clearTimeout(cut));
  request.resume();
}
