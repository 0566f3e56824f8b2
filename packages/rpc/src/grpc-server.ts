import { setMaxListeners } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { Binding } from "./binding.ts";
import { signerKey } from "./call-context.ts";
import { CALLER_HEADER, claimReader } from "./claim.ts";
import { DEADLINES } from "./deadlines.ts";
import { LIMIT_SLACK } from "./grpc-channel.ts";
import { grpcDefinition, grpcHandlers } from "./grpc-handlers.ts";
import { HealthService } from "./health.ts";
import type { Identify } from "./identify.ts";
import { reflectionBindings } from "./reflection.ts";
import { type ServerOptions, STALL_MS, serverInterceptors } from "./server-options.ts";

export type GrpcServerOptions = ServerOptions &
  Readonly<{
    bindings: readonly Binding[];
    host: string;
    /** 0 takes any free port. */
    port: number;
    /** Proves the caller: FORERUN_KEY, 32 bytes in base64, by which a service signed a claim; or a way of the server's own, for people. */
    callers: Readonly<{ key: string } | { identify: Identify }>;
    /** Milliseconds between "not serving" and the first refusal, for balancers to notice. */
    noticeMs?: number;
    /** Milliseconds after which a connection is renewed, so that clients look for new replicas. */
    maxConnectionAgeMs?: number;
  }>;

export type GrpcServer = Readonly<{
  /** host:port as bound. */
  address: string;
  /** Not serving → notice → GOAWAY → what runs may finish within `graceMs` → the rest is cut. Once; later calls join the first. */
  drain(graceMs: number): Promise<void>;
}> &
  AsyncDisposable;

/** Serves bindings over gRPC, with health and reflection. */
export async function serveGrpc(options: GrpcServerOptions): Promise<GrpcServer> {
  const health = new HealthService(options.bindings.map(({ service }) => service.typeName));
  const bindings = [...options.bindings, health.binding];
  const draining = new AbortController();
  // Every stream without an end of its own listens to it.
  setMaxListeners(0, draining.signal);
  const server = new Server({
    // Ours refuses first, with a code; grpc-js keeps memory safe above that.
    "grpc.max_receive_message_length": options.maxMessageBytes + LIMIT_SLACK,
    "grpc.max_send_message_length": -1,
    "grpc.max_connection_age_ms": options.maxConnectionAgeMs ?? 300_000,
    "grpc.max_connection_age_grace_ms": 3_600_000,
    // A client that is frozen, or behind a cut cable, answers no ping.
    "grpc.keepalive_time_ms": 60_000,
    "grpc.keepalive_timeout_ms": 20_000,
  });
  const { callers } = options;
  const interceptors = serverInterceptors(
    options,
    "key" in callers
      ? { identify: identifyByClaim(callers.key), door: "services" }
      : { identify: callers.identify, door: "people" },
  );
  const { log, maxMessageBytes, deadlines = DEADLINES, stallMs = STALL_MS } = options;
  const handlerOptions = { interceptors, deadlines, maxMessageBytes, stallMs, log, drain: draining.signal };
  for (const binding of [...bindings, ...reflectionBindings(bindings)]) {
    server.addService(grpcDefinition(binding), grpcHandlers(binding, handlerOptions));
  }
  const port = await listen(server, options.host, options.port);
  let drained: Promise<void> | undefined;
  const drain = (graceMs: number) => {
    drained ??= drainServer(server, health, draining, { noticeMs: options.noticeMs ?? 100, graceMs });
    return drained;
  };
  return {
    address: `${options.host}:${port}`,
    drain,
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
    },
  };
}

function identifyByClaim(key: string): Identify {
  const read = claimReader(key);
  return async ({ header, contextValues }) => {
    const claim = await read(header.get(CALLER_HEADER) ?? "");
    contextValues.set(signerKey, claim?.service);
    return claim?.caller;
  };
}

async function drainServer(
  server: Server,
  health: HealthService,
  draining: AbortController,
  times: Readonly<{ noticeMs: number; graceMs: number }>,
): Promise<void> {
  health.stopServing();
  draining.abort();
  await wait(times.noticeMs);
  const grace = new AbortController();
  const finished = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  // A graceful stop waits for every open session and would wait for an idle or stalled one for ever.
  await Promise.race([finished, wait(times.graceMs, undefined, { signal: grace.signal }).catch(() => {})]);
  grace.abort();
  server.forceShutdown();
}

function listen(server: Server, host: string, port: number): Promise<number> {
  const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(portTaken(host, port, error));
      else resolve(bound);
    });
  });
}

function portTaken(host: string, port: number, cause: Error): ForerunError {
  const message = `cannot listen for gRPC on ${host}:${port}`;
  const fix = "Stop what listens there, or set GRPC_PORT to another port; 0 takes any free one.";
  return new ForerunError("FR-E1001", "failed_precondition", message, fix, { cause });
}
