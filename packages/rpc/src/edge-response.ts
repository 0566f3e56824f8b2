import type { ServerResponse } from "node:http";
import type { UniversalServerResponse } from "@connectrpc/connect/protocol";

/**
 * Writes an answer as fast as its client reads, and stops when the client has gone or reads nothing for `stallMs`. connect-node's
 * own writer waits for a drain that a closed HTTP/1.1 response never reports, and the handler's stream would stay suspended for
 * ever.
 */
export async function writeAnswer(
  answer: UniversalServerResponse,
  response: ServerResponse,
  stallMs: number,
): Promise<void> {
  const body = answer.body?.[Symbol.asyncIterator]();
  try {
    // Handlers may set headers until their first message.
    let chunk = await body?.next();
    response.writeHead(answer.status, nodeHeaders(answer.header));
    while (chunk && !chunk.done && !response.closed) {
      if (!response.write(chunk.value)) await drained(response, stallMs);
      chunk = await body?.next();
    }
    if (answer.trailer) response.addTrailers(nodeHeaders(answer.trailer));
    response.end();
  } finally {
    body?.return?.().catch(() => {});
  }
}

/** Waits until the response takes more, or is closed; closes one whose client stalls. */
function drained(response: ServerResponse, stallMs: number): Promise<void> {
  if (response.closed) return Promise.resolve();
  return new Promise((resolve) => {
    const stalled = setTimeout(() => response.destroy(), stallMs);
    const settle = () => {
      clearTimeout(stalled);
      response.off("drain", settle);
      response.off("close", settle);
      resolve();
    };
    response.on("drain", settle);
    response.on("close", settle);
  });
}

function nodeHeaders(headers: Headers | undefined): Record<string, string> {
  return Object.fromEntries(headers ?? []);
}
