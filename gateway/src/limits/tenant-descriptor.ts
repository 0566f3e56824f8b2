import { TENANT_HEADER } from "../tenant-header.ts";
import type { LimitValues, Rate } from "./limit-values.ts";

/** The key by which all limits know a tenant. */
export const TENANT_KEY = "tenant";

/** What is counted by: the tenant of the verified token. A request without one is refused before it comes here. */
export const TENANT_ACTION = {
  request_headers: { header_name: TENANT_HEADER, descriptor_key: TENANT_KEY },
} as const;

/** Each rate and the entry it is for; the last one, without a value, is for every tenant that is not named. */
export function tenantRates({ rate }: LimitValues): { entry: object; rate: Rate }[] {
  const named = Object.entries(rate.tenants).map(([value, own]) => ({
    entry: { key: TENANT_KEY, value },
    rate: own,
  }));
  return [...named, { entry: { key: TENANT_KEY }, rate: rate.default }];
}
