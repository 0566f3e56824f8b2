import { allowLists } from "./allow-lists.ts";
import { bodySize } from "./body-size.ts";
import { globalRate } from "./global-rate.ts";
import type { LimitValues } from "./limit-values.ts";
import { tenantFlood, tenantShare } from "./local-rate.ts";
import { retryAfter } from "./retry-after.ts";

/** The filters of an HttpConnectionManager that refuse, cheapest first; they go by a tenant that was verified before them. */
export function limitFilters(values: LimitValues): object[] {
  return [
    retryAfter(),
    ...allowLists(values),
    tenantFlood(values),
    ...(values.rate.service ? [globalRate()] : []),
    tenantShare(values),
    bodySize(values),
  ];
}
