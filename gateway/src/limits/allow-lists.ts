import { TENANT_HEADER } from "../tenant-header.ts";
import type { AllowList, LimitValues } from "./limit-values.ts";

/** Refuses a request that falls under an allow-list and comes from none of its ranges; where several meet, each must let it in. */
export function allowLists({ allow }: LimitValues): object[] {
  if (allow.length === 0) return [];
  const policies = Object.fromEntries(allow.map((list, at) => [`allow-${at}`, deniedBy(list)]));
  return [
    {
      name: "allow-lists",
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC",
        rules: { action: "DENY", policies },
      },
    },
  ];
}

function deniedBy({ tenant, path_prefix, from }: AllowList): object {
  const permission =
    path_prefix === undefined ? { any: true } : { url_path: { path: { prefix: path_prefix } } };
  const inside = { or_ids: { ids: from.map((range) => ({ remote_ip: cidr(range) })) } };
  return {
    permissions: [permission],
    principals: [{ and_ids: { ids: [...ofTenant(tenant), { not_id: inside }] } }],
  };
}

function ofTenant(tenant: string | undefined): object[] {
  return tenant === undefined ? [] : [{ header: { name: TENANT_HEADER, string_match: { exact: tenant } } }];
}

function cidr(range: string): object {
  const [address_prefix, length] = range.split("/");
  const whole = range.includes(":") ? 128 : 32;
  return { address_prefix, prefix_len: length === undefined ? whole : Number(length) };
}
