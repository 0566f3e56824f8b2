import { createServer, type RequestListener } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { ForerunError } from "@forerun/runtime/forerun-error";

export type HttpServer = {
  /** Base URL without a slash at its end. */
  url: string;
  /** Stops accepting, lets running requests end within `graceMs`, then cuts them off. */
  drain(graceMs: number): Promise<void>;
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

/** Listens for HTTP/1.1; port 0 takes any free one. Throws FR-E1001 when the port is taken. */
export async function serveHttp(
  listener: RequestListener,
  { host, port }: { host: string; port: number },
): Promise<HttpServer> {
  const server = createServer(LIMITS, listener);
  server.maxConnections = MAX_CONNECTIONS;
  server.on("clientError", (_error, socket) => refuse(socket as Socket));
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(listenFault(error, port)));
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  const close = async (graceMs: number): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    const hardEnd = setTimeout(() => server.closeAllConnections(), graceMs);
    await closed;
    clearTimeout(hardEnd);
  };
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    drain: close,
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
