import { once } from "node:events";
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttp2, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo, Server } from "node:net";

/** Stands where chat would, at both doors, and answers each request with how many bytes came. */
export type Echo = {
  http: number;
  grpc: number;
  /** Of the requests that came through so far. */
  paths: readonly string[];
} & AsyncDisposable;

/** What `/v1/large` answers: more than any buffer between here and its client. */
const LARGE = Buffer.alloc(16 * 1_048_576, "x");

/** Idle connections, as chat keeps them: longer than the gateway does. */
const KEPT_MS = 75_000;

export async function startEcho(): Promise<Echo> {
  const paths: string[] = [];
  const http = createHttp({ keepAliveTimeout: KEPT_MS }, (request, response) => {
    paths.push(request.url ?? "");
    answerHttp(request, response);
  });
  const grpc = createHttp2();
  grpc.on("stream", answerGrpc);
  const sockets = new Set<{ destroy(): void }>();
  for (const server of [http, grpc]) {
    server.on("connection", (socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  }
  return {
    http: portOf(http),
    grpc: portOf(grpc),
    paths,
    async [Symbol.asyncDispose]() {
      for (const server of [http, grpc]) server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function answerHttp(request: IncomingMessage, response: ServerResponse): void {
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
  });
  request.on("end", () => response.end(request.url === "/v1/large" ? LARGE : String(bytes)));
}

function answerGrpc(stream: ServerHttp2Stream): void {
  // A client that is gone is no fault here.
  stream.on("error", () => {});
  stream.resume();
  stream.once("end", () => {
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end();
  });
}

function portOf(server: Server | ReturnType<typeof createHttp2>): number {
  return (server.address() as AddressInfo).port;
}
