import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import { requireRole, roleMissing } from "@forerun/auth/require-role";
import type { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import type { QuotaSchema } from "@forerun/contracts/forerun/chat/v1/quota_pb";
import type { Standing } from "@forerun/quota/ledger";
import { Meter } from "@forerun/quota/meter";
import { callerOf } from "@forerun/rpc/call-context";
import type { Caller } from "@forerun/runtime/caller";
import { guard } from "@forerun/runtime/guard";
import { baseMeters } from "../quota/turn-quota.ts";
import type { ChatDeps } from "./chat-deps.ts";

type Service = ServiceImpl<typeof ChatService>;

const DAY_MS = 86_400_000;
const USUAL_DAYS = 30;
const BY = new Map((["model", "tool", "user", "day"] as const).map((by) => [by as string, by]));

/** Limits and what is left of them, for the caller and its tenant. */
export function getQuota({ quotas }: ChatDeps): Service["getQuota"] {
  return async ({ tenant }, ctx) => {
    const caller = callerOf(ctx);
    requireOwnTenant(tenant, caller);
    const quota = quotas?.policy.quotaOf(caller.tenant);
    if (!quotas || !quota) return { quotas: [], chunkTokens: 0 };
    const models = Object.entries(quota.models).flatMap(([model, limit]) =>
      Meter.of(caller, { kind: "model", model }, limit),
    );
    const standings = await quotas.ledger.look([...baseMeters(caller, quota), ...models]);
    return { quotas: standings.map(quotaToWire), chunkTokens: quotas.policy.chunkTokens };
  };
}

/** What was used, from the record. */
export function getUsage({ usage }: ChatDeps): Service["getUsage"] {
  return async ({ tenant, by, days }, ctx) => {
    const caller = callerOf(ctx);
    requireOwnTenant(tenant, caller);
    // Who of the tenant has used how much is not every user's to see.
    if (by === "user") requireRole(caller, ["operator", "admin"]);
    const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    const since = new Date(today - ((days || USUAL_DAYS) - 1) * DAY_MS);
    return { rows: await usage.sums(caller.tenant, BY.get(by) ?? "model", since) };
  };
}

/** Roles are for the token's own tenant: nobody is told of another, nor whether there is one. */
function requireOwnTenant(tenant: string, caller: Caller): void {
  if (!guard("chat.quota.tenant", tenant === "" || tenant === caller.tenant))
    throw roleMissing("this is for the token's own tenant");
}

function quotaToWire({ meter, used, reserved, resetMs }: Standing): MessageInitShape<typeof QuotaSchema> {
  const { scope, unit, limit } = meter;
  return {
    scope: scope.kind,
    model: scope.kind === "model" ? scope.model : "",
    unit,
    limit,
    used,
    reserved,
    left: Math.max(0, limit - used - reserved),
    resetTime: timestampFromMs(resetMs),
  };
}
