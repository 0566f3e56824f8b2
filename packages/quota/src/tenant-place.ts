import { guard } from "@forerun/runtime/guard";
import { hash, type Meter } from "./meter.ts";

/**
 * What every key of these meters begins with. The braces make them one slot of a cluster. Throws TypeError unless the meters are
 * one tenant's: no script sees two, and no key is without one.
 */
export function tenantPlace(prefix: string, meters: readonly Meter[]): string {
  const [tenant = "", ...others] = new Set(meters.map((meter) => meter.tenant));
  if (!guard("quota.place.one", tenant !== "" && others.length === 0))
    throw new TypeError("keys of quotas are one tenant's");
  return `${prefix}quota:{${hash(guard("quota.place.tenant", tenant, ""))}}:`;
}
