import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { serveGrpc } from "@forerun/rpc/grpc-server";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { DisposalStack } from "@forerun/runtime/disposal";
import { ForerunError } from "@forerun/runtime/forerun-error";
import type { Logger } from "@forerun/runtime/logger";
import type { ChatApp } from "./app.ts";

export type PublicServers = {
  /** "http://127.0.0.1:8080" */
  http: string;
  /** "127.0.0.1:8081" */
  grpc: string;
  /** Takes no new turns, lets running ones end within the grace, then closes both servers. */
  drain(): Promise<void>;
} & AsyncDisposable;

type PublicOptions = { host: string; port: number; grpcPort: number; maxMessageBytes: number; log: Logger };

/** Milliseconds a client may take for a request's headers, and an idle connection is kept. */
const HEADERS_TIMEOUT_MS = 15_000;
const IDLE_MS = 75_000;
/** Milliseconds that streams have to write their last events once their turns have ended. */
const LAST_WORDS_MS = 2_000;

/** Opens the doors that people and services use: HTTP and plain gRPC, for the local caller on loopback. */
export async function servePublic(app: ChatApp, options: PublicOptions): Promise<PublicServers> {
  const stack = new DisposalStack();
  try {
    const http = createServer({ keepAliveTimeout: IDLE_MS, headersTimeout: HEADERS_TIMEOUT_MS }, app.front);
    http.listen(options.port, options.host);
    await once(http, "listening").catch((fault: unknown) => {
      throw portFault(options.port, fault);
    });
    const closed = once(http, "close");
    stack.defer(async () => {
      http.close();
      http.closeAllConnections();
      await closed;
    });
    const grpc = stack.use(
      await serveGrpc({
        bindings: app.bindings,
        host: options.host,
        port: options.grpcPort,
        callers: { identify: () => LOCAL_CALLER },
        maxMessageBytes: options.maxMessageBytes,
        log: options.log,
      }).catch((fault: unknown) => {
        throw portFault(options.grpcPort, fault);
      }),
    );
    const { port } = http.address() as AddressInfo;
    return {
      http: `http://${options.host.includes(":") ? `[${options.host}]` : options.host}:${port}`,
      grpc: grpc.address,
      async drain() {
        await app.drain?.();
        http.close();
        http.closeIdleConnections();
        await Promise.all([
          grpc.drain(LAST_WORDS_MS),
          Promise.race([closed, wait(LAST_WORDS_MS, undefined, { ref: false })]),
        ]);
      },
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    };
  } catch (fault) {
    await stack[Symbol.asyncDispose]();
    throw fault;
  }
}

function portFault(port: number, cause: unknown): unknown {
  if (!/EADDRINUSE|address already in use|No address added/i.test(String((cause as Error)?.message)))
    return cause;
  const fix = "Stop what holds it, or set PORT or GRPC_PORT to another one (0 takes any free one).";
  return new ForerunError("FR-E1001", "failed_precondition", `port ${port} is taken`, fix, { cause });
}
