import type { Caller } from "@forerun/runtime/caller";

/** The service itself, at work on one tenant's rows. */
export function serviceCaller(tenant: string): Caller {
  return { tenant, subject: "service-chat", roles: ["service"] };
}
