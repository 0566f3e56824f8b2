import { serveGrpc } from "@forerun/rpc/grpc-server";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { DisposalStack } from "@forerun/runtime/disposal";
import { ForerunError } from "@forerun/runtime/forerun-error";
import type { Logger } from "@forerun/runtime/logger";
import type { ChatApp } from "./app.ts";
import { serveHttp } from "./http/server.ts";

export type PublicServers = {
  /** "http://127.0.0.1:8080" */
  http: string;
  /** "127.0.0.1:8081" */
  grpc: string;
  /** Takes no new turns, lets running ones end within the grace, then closes both servers. */
  drain(): Promise<void>;
} & AsyncDisposable;

type PublicOptions = { host: string; port: number; grpcPort: number; maxMessageBytes: number; log: Logger };

/** Milliseconds that streams have to write their last events once their turns have ended. */
const LAST_WORDS_MS = 2_000;

/** Opens the doors that people and services use: HTTP and plain gRPC, for the local caller on loopback. */
export async function servePublic(app: ChatApp, options: PublicOptions): Promise<PublicServers> {
  const stack = new DisposalStack();
  try {
    const http = stack.use(await serveHttp(app.front, { host: options.host, port: options.port }));
    const grpc = stack.use(
      await serveGrpc({
        bindings: app.bindings,
        host: options.host,
        port: options.grpcPort,
        callers: { identify: () => LOCAL_CALLER },
        maxMessageBytes: options.maxMessageBytes,
        log: options.log,
        ...app.signals,
      }).catch((fault: unknown) => {
        throw portFault(options.grpcPort, fault);
      }),
    );
    return {
      http: http.url,
      grpc: grpc.address,
      async drain() {
        await app.drain?.();
        await Promise.all([grpc.drain(LAST_WORDS_MS), http.drain(LAST_WORDS_MS)]);
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
