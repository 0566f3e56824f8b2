import { loadTokenCounter } from "@forerun/llm/count-tokens";
import type { Ledger } from "@forerun/quota/ledger";
import { ledgerMetrics, openLedger } from "@forerun/quota/open-ledger";
import { openRedis } from "@forerun/redis/open-redis";
import type { Caller } from "@forerun/runtime/caller";
import { DisposalStack } from "@forerun/runtime/disposal";
import type { Logger } from "@forerun/runtime/logger";
import type { Meter } from "@opentelemetry/api";
import type { UsageBook } from "../ports.ts";
import type { QuotaPolicy } from "./policy.ts";
import { TurnQuota } from "./turn-quota.ts";

export type Quotas = Readonly<{
  policy: QuotaPolicy;
  ledger: Ledger;
  /** Undefined for whom no quota stands. */
  open(caller: Caller): TurnQuota | undefined;
}>;

export type QuotaOptions = Readonly<{
  policy: QuotaPolicy | undefined;
  usage: UsageBook;
  /** Undefined: replicas share by what the store says alone. */
  redisUrl: string | undefined;
  /** Name of the deployment, so that several may use one Redis. */
  deployment: string;
  meter: Meter;
  log: Logger;
}>;

/** Undefined without a policy. To be disposed of after the turns have ended. */
export async function openQuotas(options: QuotaOptions): Promise<(Quotas & AsyncDisposable) | undefined> {
  const { policy, usage: record, redisUrl: url, deployment, meter, log } = options;
  if (!policy) return undefined;
  const stack = new DisposalStack();
  const redis = url === undefined ? undefined : stack.use(openRedis({ url, meter, log }));
  const shared = redis && { redis, prefix: `fr:${deployment}:` };
  const ledger = stack.use(openLedger({ record, observe: ledgerMetrics(meter), shared }));
  const count = await loadTokenCounter();
  return {
    policy,
    ledger,
    open(caller) {
      const quota = policy.quotaOf(caller.tenant);
      return quota && new TurnQuota({ ledger, policy, count }, caller, quota);
    },
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}
