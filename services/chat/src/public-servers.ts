import { setTimeout as wait } from "node:timers/promises";
import { serveGrpc } from "@forerun/rpc/grpc-server";
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
  /** Says that it stops, closes both doors to what is new, lets running turns end within the grace, then the streams that show them. */
  drain(): Promise<void>;
} & AsyncDisposable;

type PublicOptions = {
  host: string;
  port: number;
  grpcPort: number;
  maxMessageBytes: number;
  /** Milliseconds after which a gRPC connection is renewed. */
  maxConnectionAgeMs: number;
  log: Logger;
};

/** Milliseconds between "not ready" and closed doors, for balancers to notice, and then until nothing more can have come in. */
const NOTICE_MS = 250;
const LAST_ARRIVALS_MS = 100;

/** Longest time from closed doors to the last event of a stream: running turns take most of it. */
const STREAMS_MS = 27_000;

/** Opens the doors that people and services use: HTTP and plain gRPC. */
export async function servePublic(app: ChatApp, options: PublicOptions): Promise<PublicServers> {
  const stack = new DisposalStack();
  try {
    const http = stack.use(await serveHttp(app.front, { host: options.host, port: options.port }));
    const grpc = stack.use(
      await serveGrpc({
        bindings: app.bindings,
        host: options.host,
        port: options.grpcPort,
        callers: { identify: app.callers.identify },
        maxMessageBytes: options.maxMessageBytes,
        maxConnectionAgeMs: options.maxConnectionAgeMs,
        log: options.log,
        noticeMs: NOTICE_MS,
        ...app.signals,
      }).catch((fault: unknown) => {
        throw portFault(options.grpcPort, fault);
      }),
    );
    return {
      http: http.url,
      grpc: grpc.address,
      async drain() {
        app.leave();
        await Promise.all([
          grpc.drain(STREAMS_MS),
          http.drain(NOTICE_MS, STREAMS_MS),
          // A turn refused by closed doors begins elsewhere; one refused behind them is an error that somebody sees.
          wait(NOTICE_MS + LAST_ARRIVALS_MS).then(() => app.drain()),
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
