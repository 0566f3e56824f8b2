/** What the configuration says about quotas, and about the models that they are reckoned by. */
import type { Limit } from "@forerun/quota/meter";

export type TenantQuota = Readonly<{
  tenant: Limit;
  user?: Limit | undefined;
  models: Readonly<Record<string, Limit>>;
}>;

/** US dollars per million tokens, which is millionths of a dollar per token. */
export type Price = Readonly<{ input: number; output: number }>;

/** The models that a step may call: their names, and no price of theirs is higher. */
export type StepModels = Readonly<{ names: readonly string[]; price: Price; calls: number }>;

export type QuotaPolicy = Readonly<{
  quotaOf(tenant: string): TenantQuota | undefined;
  modelsOf(tenant: string, step: "route" | "answer"): StepModels;
  /** Output tokens that a stream sets aside at a time. */
  chunkTokens: number;
  /** Of a decision's prompt, besides the conversation. */
  routeTokens: number;
}>;
