import type { CallOptions } from "@connectrpc/connect";
import { asCaller } from "@forerun/rpc/call-context";
import { validTrace } from "@forerun/rpc/observe";
import type { Caller } from "@forerun/runtime/caller";
import type { Exchange } from "./exchange.ts";

/** Milliseconds a call may outlast its turn's own deadline, so that the turn's ending is what the client sees. */
const GRACE_MS = 5_000;

/** Options of the call that serves an exchange: it ends when the client goes away and carries the client's trace. */
export function callOptions(exchange: Exchange, caller: Caller, deadlineMs = 0): CallOptions {
  return asCaller(caller, {
    signal: exchange.signal,
    trace: validTrace(exchange.request.headers.traceparent),
    timeoutMs: deadlineMs > 0 ? deadlineMs + GRACE_MS : undefined,
  });
}
