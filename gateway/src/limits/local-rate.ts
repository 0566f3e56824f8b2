import { COUNTED, COUNTED_KEY } from "./global-rate.ts";
import type { LimitValues, Rate } from "./limit-values.ts";
import { TENANT_ACTION, tenantRates } from "./tenant-descriptor.ts";

/** Tenants whose buckets are kept; the one longest unused makes room. */
const MAX_TENANTS = 10_000;
const COUNT_KEY = "count";
const AWAY = "away";

const WINDOW: Readonly<Record<Rate["window"], string>> = {
  second: "1s",
  minute: "60s",
  hour: "3600s",
  day: "86400s",
};

/** So many limits a window reach the shared count from one gateway, which refuses what is above one. */
const FLOOD_FACTOR = 10;

/** Sheds at each gateway what is so far above a tenant's limit that asking the shared count is a waste: a flood costs no call. */
export function tenantFlood(values: LimitValues): object {
  const descriptors = tenantRates(values).map(({ entry, rate }) => ({
    entries: [entry],
    token_bucket: bucket(rate, FLOOD_FACTOR * rate.requests),
  }));
  // It tells no headers: what is left of this bucket would be taken for what is left of the limit.
  return localRateLimit("tenant-flood", { rate_limits: [{ actions: [TENANT_ACTION] }], descriptors });
}

/**
 * While the shared count is away each gateway admits its own part of the limit. A bucket may be full as a window begins and
 * fill once in it, so that all of them together let through at most twice the limit.
 */
export function tenantShare(values: LimitValues): object {
  const uncounted = { key: COUNT_KEY, value: AWAY };
  const descriptors = tenantRates(values).map(({ entry, rate }) => {
    const share = Math.max(1, Math.floor(rate.requests / values.replicas));
    return { entries: [entry, uncounted], token_bucket: bucket(rate, share) };
  });
  const counted = {
    metadata: {
      descriptor_key: COUNT_KEY,
      metadata_key: { key: COUNTED, path: [{ key: COUNTED_KEY }] },
      default_value: AWAY,
    },
  };
  return localRateLimit("tenant-share", {
    rate_limits: [{ actions: [TENANT_ACTION, counted] }],
    descriptors,
    enable_x_ratelimit_headers: "DRAFT_VERSION_03",
  });
}

function bucket({ window }: Rate, tokens: number): object {
  return { max_tokens: tokens, tokens_per_fill: tokens, fill_interval: WINDOW[window] };
}

function localRateLimit(name: string, own: object): object {
  const always = { default_value: { numerator: 100, denominator: "HUNDRED" } };
  return {
    name,
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
      stat_prefix: name,
      filter_enabled: always,
      filter_enforced: always,
      rate_limited_as_resource_exhausted: true,
      max_dynamic_descriptors: MAX_TENANTS,
      ...own,
    },
  };
}
