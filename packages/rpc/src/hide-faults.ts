import { randomUUID } from "node:crypto";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { ForerunError } from "@forerun/runtime/forerun-error";
import type { Logger } from "@forerun/runtime/logger";
import { traceIdOf } from "@forerun/telemetry/tracing";
import { traceKey, unauthenticated } from "./call-context.ts";
import { canceled, endReason } from "./call-signal.ts";
import { connectErrorOf, errorInfo } from "./error-details.ts";
import { tapStream } from "./message-stream.ts";

/** How Node reports a client that has gone while its response was written. */
const GONE = new Set(["ERR_HTTP2_INVALID_STREAM", "ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET"]);

/**
 * Gives errors their wire form, once, for every binding: a ForerunError with code and fix; the end of a call as canceled or
 * out of time; anything else as INTERNAL with an id alone, its cause logged under that id.
 */
export function hidingFaults(log: Logger): Interceptor {
  return (next) => async (request) => {
    const fail = (thrown: unknown) => {
      const traceId = traceIdOf(request.contextValues.get(traceKey));
      const traced = traceId ? log.child({ trace_id: traceId }) : log;
      return wireError(thrown, request.signal, traced, request.method.name);
    };
    try {
      const response = await next(request);
      if (!response.stream) return response;
      // A handler that stops because its call did is no success: the client would take what came for everything.
      const done = () => {
        if (request.signal.aborted) throw endReason(request.signal);
      };
      return { ...response, message: tapStream(response.message, { done, fail }) };
    } catch (thrown) {
      throw fail(thrown);
    }
  };
}

/** What a client gets of an error. Causes of faults are logged here and nowhere else. */
export function wireError(thrown: unknown, signal: AbortSignal, log: Logger, method: string): ConnectError {
  if (thrown instanceof ForerunError && thrown.status !== "internal") return connectErrorOf(thrown);
  if (signal.aborted && isAbort(thrown, signal)) return endReason(signal);
  if (thrown instanceof ConnectError && !HIDDEN.has(thrown.code)) return withoutMetadata(thrown);
  if (thrown instanceof Error && "code" in thrown && GONE.has(String(thrown.code))) return canceled();
  const id = randomUUID();
  log.error({ err: thrown, error_id: id, method }, "call failed");
  const fix = `Look for error_id ${id} in the service's log.`;
  return new ConnectError(`internal error ${id}`, Code.Internal, undefined, [errorInfo("FR-E1304", fix)]);
}

/** An error of a further call carries that call's headers, which are nobody's business here. */
function withoutMetadata(error: ConnectError): ConnectError {
  if (error.code === Code.Unauthenticated) return unauthenticated();
  const clean = new ConnectError(error.rawMessage.toWellFormed(), error.code);
  clean.details = error.details;
  return clean;
}

/** Codes of faults: whatever carries one, its text may show what nobody outside should see. */
const HIDDEN: ReadonlySet<Code> = new Set([Code.Internal, Code.Unknown, Code.DataLoss]);

function isAbort(thrown: unknown, signal: AbortSignal): boolean {
  return thrown === signal.reason || (thrown instanceof Error && /^(Abort|Timeout)Error$/.test(thrown.name));
}
