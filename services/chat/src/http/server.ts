import { createServer, type RequestListener } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { ForerunError } from "@forerun/runtime/forerun-error";

export type HttpServer = {
  /** Base URL without a slash at its end. */
  url: string;
  /** For `noticeMs` every answer asks its client to connect anew; then stops accepting, lets running requests end within `graceMs`, and cuts off the rest. */
  drain(noticeMs: number, graceMs: number): Promise<void>;
} & AsyncDisposable;

/** Bounds that keep slow or idle sockets from holding the process: milliseconds, bytes, sockets. */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 75_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16_384,
} as const;
const MAX_CONNECTIONS = 10_000;

/** Milliseconds between two looks for idle connections while the server closes. */
const SWEEP_MS = 50;

/** Listens for HTTP/1.1; port 0 takes any free one. Throws FR-E1001 when the port is taken. */
export async function serveHttp(
  listener: RequestListener,
  { host, port }: { host: string; port: number },
): Promise<HttpServer> {
  let leaving = false;
  const server = createServer(LIMITS, (request, response) => {
    if (leaving) response.setHeader("connection", "close");
    listener(request, response);
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.on("clientError", (_error, socket) => refuse(socket as Socket));
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(listenFault(error, port)));
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  const close = async (graceMs: number): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    // Connections whose last request was answered before the notice become idle one by one.
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    const hardEnd = setTimeout(() => server.closeAllConnections(), graceMs);
    await closed;
    clearInterval(sweep);
    clearTimeout(hardEnd);
  };
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    async drain(noticeMs, graceMs) {
      leaving = true;
      await wait(noticeMs);
      await close(graceMs);
    },
    [Symbol.asyncDispose]: () => close(0),
  };
}

/** What is no HTTP gets one fixed answer; details of the parser's error would only help whoever probes it. */
function refuse(socket: Socket): void {
  if (!socket.writable) return void socket.destroy();
  socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
}

function listenFault(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code !== "EADDRINUSE") return error;
  return new ForerunError(
    "FR-E1001",
    "failed_precondition",
    `port ${port} is taken`,
    "Stop what holds it, or set PORT to another one (0 takes any free one).",
    { cause: error },
  );
}
