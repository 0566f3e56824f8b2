import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

/** One request and its response. `signal` aborts when the client goes away before the response is whole. */
export type Exchange = {
  request: IncomingMessage;
  response: ServerResponse;
  method: string;
  /** Path of the request without query, as sent: not percent-decoded. */
  path: string;
  requestId: string;
  signal: AbortSignal;
};

export function openExchange(request: IncomingMessage, response: ServerResponse): Exchange {
  const gone = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) gone.abort();
  });
  const requestId = randomUUID();
  response.setHeader("x-request-id", requestId);
  return {
    request,
    response,
    method: request.method ?? "GET",
    path: (request.url ?? "/").split("?", 1)[0] ?? "/",
    requestId,
    signal: gone.signal,
  };
}

/** Answers with JSON that no cache may keep. */
export function sendJson(
  { response, method }: Exchange,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": bytes.length,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...headers,
  });
  response.end(method === "HEAD" ? undefined : bytes);
}
