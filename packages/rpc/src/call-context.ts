import {
  type CallOptions,
  Code,
  ConnectError,
  type ContextKey,
  type ContextValues,
  createContextKey,
  createContextValues,
  type HandlerContext,
} from "@connectrpc/connect";
import type { Caller } from "@forerun/runtime/caller";

/** Who asks. Set by the client in one process, by the verified claim or the edge's authentication elsewhere. */
export const callerKey: ContextKey<Caller | undefined> = createContextKey<Caller | undefined>(undefined, {
  description: "caller",
});

/** Which service vouches for the caller, where a claim says so. */
export const signerKey: ContextKey<string | undefined> = createContextKey<string | undefined>(undefined, {
  description: "signer",
});

/** W3C `traceparent` of the innermost span. */
export const traceKey: ContextKey<string | undefined> = createContextKey<string | undefined>(undefined, {
  description: "traceparent",
});

/** Aborts when the server starts to drain; undefined where nothing drains. */
export const drainKey: ContextKey<AbortSignal | undefined> = createContextKey<AbortSignal | undefined>(
  undefined,
  { description: "drain" },
);

/** The verified caller of this call. @throws ConnectError UNAUTHENTICATED when there is none. */
export function callerOf(ctx: HandlerContext): Caller {
  const caller = ctx.values.get(callerKey);
  if (!caller) throw unauthenticated();
  return caller;
}

/** `traceparent` under which this call runs, for spans and calls it begins. */
export function traceOf(ctx: HandlerContext): string | undefined {
  return ctx.values.get(traceKey);
}

/**
 * Aborts once the server drains. A handler whose stream has no end of its own ends it then, so that its client moves on to
 * another replica; all others ignore it and finish.
 */
export function drainSignalOf(ctx: HandlerContext): AbortSignal | undefined {
  return ctx.values.get(drainKey);
}

type Extra = Readonly<{ signal?: AbortSignal; timeoutMs?: number; trace?: string | undefined }>;

/** Options for a call made inside a handler: same caller and trace, ends with the handler, never outlives its deadline. */
export function within(ctx: HandlerContext, extra: Extra = {}): CallOptions {
  const options: CallOptions = {
    signal: extra.signal ? AbortSignal.any([ctx.signal, extra.signal]) : ctx.signal,
    contextValues: valuesOf(ctx.values.get(callerKey), extra.trace ?? traceOf(ctx)),
  };
  const timeoutMs = Math.min(ctx.timeoutMs() ?? Infinity, extra.timeoutMs ?? Infinity);
  // Connect reads 0 as "no deadline" and gRPC as "expired": what is left never drops below a millisecond.
  if (timeoutMs !== Infinity) options.timeoutMs = Math.max(1, Math.floor(timeoutMs));
  return options;
}

/** Options for a call begun outside a handler, for `caller`. */
export function asCaller(
  caller: Caller,
  options: Readonly<{ signal: AbortSignal; timeoutMs?: number | undefined; trace?: string | undefined }>,
): CallOptions {
  const call: CallOptions = { signal: options.signal, contextValues: valuesOf(caller, options.trace) };
  if (options.timeoutMs !== undefined) call.timeoutMs = Math.max(1, Math.floor(options.timeoutMs));
  return call;
}

export function valuesOf(caller: Caller | undefined, trace: string | undefined): ContextValues {
  const values = createContextValues();
  if (caller) values.set(callerKey, caller);
  if (trace) values.set(traceKey, trace);
  return values;
}

/** One error for every cause, so that an attacker learns nothing from it. */
export function unauthenticated(): ConnectError {
  return new ConnectError("invalid credentials", Code.Unauthenticated);
}
