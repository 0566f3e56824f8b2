import { once } from "node:events";
import { connect } from "node:net";

/**
 * Resolves when a broker at host:port has begun to speak; rejects with why not. The client library gives up in time too, but
 * leaves its socket open: without this every try at a broker that accepts and says nothing would cost one.
 */
export async function greeting(server: string, signal: AbortSignal): Promise<void> {
  const colon = server.lastIndexOf(":");
  const host = server.slice(0, colon).replace(/^\[|\]$/g, "");
  const socket = connect(Number(server.slice(colon + 1)), host);
  try {
    await once(socket, "data", { signal });
  } finally {
    // An error that comes while it is being closed is nobody's.
    socket.on("error", () => {});
    socket.destroy();
  }
}
