import {
  Code,
  ConnectError,
  type StreamRequest,
  type Transport,
  type UnaryRequest,
} from "@connectrpc/connect";
import { createLogger } from "@forerun/runtime/logger";
import type { Door } from "./authorize.ts";
import type { Binding } from "./binding.ts";
import { callerKey, traceKey, valuesOf } from "./call-context.ts";
import type { CallSignal } from "./call-signal.ts";
import type { Incoming } from "./invoke.ts";
import { type LocalServer, serveStream, serveUnary } from "./local-call.ts";
import { carryWith, type Messages } from "./local-payload.ts";
import { type ServerOptions, serverInterceptors } from "./server-options.ts";
import { type ClientOptions, transportOver } from "./transport.ts";

type LocalOptions = Partial<ServerOptions> &
  ClientOptions &
  Readonly<{
    messages: Messages;
    maxMessageBytes: number;
    /** Which callers come through it; between the services of one process nobody is asked. */
    door?: Door;
  }>;

/** Calls handlers in this process, with the deadlines, cancels, limits, checks and error codes of a network. */
export function createLocalTransport(bindings: readonly Binding[], options: LocalOptions): Transport {
  const byService = new Map(bindings.map((binding) => [binding.service.typeName, binding]));
  const log = options.log ?? createLogger({ service: "local" });
  const server: LocalServer = {
    interceptors: serverInterceptors(
      { ...options, log },
      { identify: ({ contextValues }) => contextValues.get(callerKey), door: options.door ?? "none" },
    ),
    carry: carryWith(options.messages, options.maxMessageBytes),
    log,
  };
  return transportOver(
    "local://",
    async (request, call) => {
      const binding = byService.get(request.service.typeName);
      if (!binding) {
        throw new ConnectError(`${request.service.typeName} is not served here`, Code.Unimplemented);
      }
      const incoming = incomingOf(request, call);
      return request.stream
        ? serveStream(server, binding, incoming, request.message)
        : serveUnary(server, binding, incoming, request.message);
    },
    options,
  );
}

/** A server gets of its client's values only what a network would carry. */
function incomingOf(request: UnaryRequest | StreamRequest, call: CallSignal): Incoming {
  const { service, method, header, url, contextValues } = request;
  const values = valuesOf(contextValues.get(callerKey), contextValues.get(traceKey));
  return { service, method, header, url, values, call, protocolName: "local" };
}
