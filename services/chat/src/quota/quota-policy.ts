import type { Limit } from "@forerun/quota/meter";
import type { FileConfig, ModelConfig } from "@forerun/runtime/file-config";
import type { Price, QuotaPolicy, StepModels, TenantQuota } from "./policy.ts";

type Settings = FileConfig["quotas"];
type LimitSettings = NonNullable<NonNullable<Settings["default"]>["user"]>;

/** The models that variables connect: they win over the file. */
export type NamedModels = Readonly<{ route: string | undefined; answer: string | undefined }>;

const MICROS = 1e6;

/** Undefined where nobody has a quota: then nothing is counted ahead. */
export function quotaPolicy({ quotas, models }: FileConfig, named: NamedModels): QuotaPolicy | undefined {
  if (!quotas.default && Object.keys(quotas.tenants).length === 0) return undefined;
  return {
    quotaOf(tenant) {
      const settings = Object.hasOwn(quotas.tenants, tenant) ? quotas.tenants[tenant] : quotas.default;
      return settings && tenantQuota(settings);
    },
    modelsOf(tenant, step) {
      const own = models.tenants?.[tenant] ?? {};
      const listOf = (tier: "route" | "answer" | "escalate") => own[tier] ?? models.tiers[tier] ?? [];
      if (step === "answer") return stepModels(listOf("answer"), own.answer ? undefined : named.answer, 1);
      const hard = listOf("escalate");
      const small = stepModels(listOf("route"), own.route ? undefined : named.route, hard.length > 0 ? 2 : 1);
      return withMore(small, hard);
    },
    chunkTokens: quotas.chunk_tokens,
    routeTokens: quotas.route_tokens,
  };
}

function tenantQuota({ user, models, ...tenant }: NonNullable<Settings["default"]>): TenantQuota {
  return {
    tenant: limitOf(tenant),
    user: user && limitOf(user),
    models: Object.fromEntries(Object.entries(models).map(([name, limit]) => [name, limitOf(limit)])),
  };
}

function limitOf({ tokens, cost_usd: usd, per }: LimitSettings): Limit {
  return { tokens, costMicros: usd === undefined ? undefined : Math.round(usd * MICROS), period: per };
}

function stepModels(list: readonly ModelConfig[], named: string | undefined, calls: number): StepModels {
  const names = named === undefined ? list.map(({ model }) => model) : [named];
  return { names, price: named === undefined ? dearest(list) : { input: 0, output: 0 }, calls };
}

function withMore(some: StepModels, more: readonly ModelConfig[]): StepModels {
  const { input, output } = dearest(more);
  return {
    ...some,
    names: [...some.names, ...more.map(({ model }) => model)],
    price: { input: Math.max(some.price.input, input), output: Math.max(some.price.output, output) },
  };
}

function dearest(list: readonly ModelConfig[]): Price {
  const most = (of: "input" | "output") => Math.max(0, ...list.map(({ price }) => price?.[of] ?? 0));
  return { input: most("input"), output: most("output") };
}
