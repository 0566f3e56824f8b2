import type { DescService } from "@bufbuild/protobuf";
import type { CallOptions, Client, HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { type Binding, bind } from "@forerun/rpc/binding";
import { callerOf, drainSignalOf, within } from "@forerun/rpc/call-context";
import type { Caller } from "@forerun/runtime/caller";
import { LinkedAbort } from "@forerun/runtime/linked-abort";

type Forwarded = (request: unknown, options: CallOptions) => unknown;
type Handler = (request: unknown, ctx: HandlerContext) => unknown;

/**
 * Serves another service at chat's edge by handing each call on, for the same caller: the command line and the web client
 * need one address only. Unary and server-streaming methods; the other service checks, limits and decides. `clientFor` gives the
 * one for a caller. `endless` names streams without an end of their own: they end when this process drains.
 */
export function forward<Desc extends DescService>(
  service: Desc,
  clientFor: (caller: Caller) => Client<Desc>,
  endless: readonly string[] = [],
): Binding {
  const callOf = (localName: string, ctx: HandlerContext) => {
    const call = (clientFor(callerOf(ctx)) as Record<string, Forwarded>)[localName];
    if (!call) throw new Error(`the client of ${service.typeName} lacks ${localName}`);
    return call;
  };
  const handlers = service.methods.map(({ localName }) => {
    const handler: Handler = endless.includes(localName)
      ? untilDrained((ctx) => callOf(localName, ctx))
      : (request, ctx) => callOf(localName, ctx)(request, within(ctx));
    return [localName, handler];
  });
  return bind(service, Object.fromEntries(handlers) as Partial<ServiceImpl<Desc>>);
}

/** Ends the stream in good order when this process drains, so that its client opens it elsewhere. */
function untilDrained(callOf: (ctx: HandlerContext) => Forwarded): Handler {
  return async function* (request, ctx) {
    const drain = drainSignalOf(ctx);
    using leaving = new LinkedAbort(ctx.signal, ...(drain ? [drain] : []));
    try {
      yield* callOf(ctx)(request, within(ctx, { signal: leaving.signal })) as AsyncIterable<unknown>;
    } catch (fault) {
      if (!drain?.aborted || ctx.signal.aborted) throw fault;
    }
  };
}
