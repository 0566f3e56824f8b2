import type { ContextValues, Interceptor } from "@connectrpc/connect";
import type { Caller } from "@forerun/runtime/caller";
import { guard } from "@forerun/runtime/guard";
import { callerKey, unauthenticated } from "./call-context.ts";

/** Tells who makes a call, or undefined when nothing proves it. */
export type Identify = (
  request: Readonly<{ header: Headers; contextValues: ContextValues }>,
) => Caller | undefined | Promise<Caller | undefined>;

/** Services that probes and tools call before they are anybody. */
const OPEN_SERVICES: ReadonlySet<string> = new Set([
  "grpc.health.v1.Health",
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
]);

/** Gives the call its Caller, or refuses it. In one process the caller is already there. */
export function identifying(identify: Identify): Interceptor {
  return (next) => async (request) => {
    if (OPEN_SERVICES.has(request.service.typeName)) return next(request);
    const answer = identify(request);
    const caller = answer instanceof Promise ? await answer : answer;
    if (!guard("rpc.caller", caller !== undefined)) throw unauthenticated();
    request.contextValues.set(callerKey, caller);
    return next(request);
  };
}
