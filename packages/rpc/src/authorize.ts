import type { Interceptor } from "@connectrpc/connect";
import { ACCESS } from "@forerun/auth/access";
import { requireRole, roleMissing } from "@forerun/auth/require-role";
import { guard } from "@forerun/runtime/guard";
import { callerKey, signerKey } from "./call-context.ts";

/**
 * What a door asks of its callers: a role, of people; of services, that they are one that may call. Between the services of one
 * process there is no door.
 */
export type Door = "people" | "services" | "none";

/** Refuses calls that the table of access does not allow. It knows Forerun's services; others answer for themselves. */
export function authorizing(door: Door): Interceptor {
  return (next) => (request) => {
    const methods = ACCESS[request.service.typeName];
    if (door === "none" || !methods) return next(request);
    const access = methods[request.method.name];
    if (door === "people") {
      const caller = request.contextValues.get(callerKey);
      if (!caller || !access) throw roleMissing("nobody may call this");
      requireRole(caller, access.roles);
      return next(request);
    }
    const signer = request.contextValues.get(signerKey);
    if (!guard("rpc.signer", access?.services.some((service) => service === signer) ?? false))
      throw roleMissing("this is not for the service that calls");
    return next(request);
  };
}
