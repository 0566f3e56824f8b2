import type { Redis } from "@forerun/redis/open-redis";
import { METRICS } from "@forerun/telemetry/names";
import type { Meter as MetricsMeter } from "@opentelemetry/api";
import type { Ledger, LedgerObserver, UsageRecord } from "./ledger.ts";
import { createProcessLedger } from "./process-ledger.ts";
import { SharedLedger } from "./shared-ledger.ts";

export type LedgerOptions = Readonly<{
  record: UsageRecord;
  observe: LedgerObserver;
  /** What processes share; its giver's to dispose of. Without it each has its part of what the record says is left. */
  shared?: Readonly<{ redis: Redis; prefix: string }> | undefined;
  holdMs?: number;
  now?: () => number;
}>;

/** A process that is killed gives back what it held within so many milliseconds. */
export const HOLD_MS = 30_000;

export function openLedger(options: LedgerOptions): Ledger & AsyncDisposable {
  const { record, observe, shared, holdMs = HOLD_MS, now = Date.now } = options;
  const local = createProcessLedger({ record, observe, now });
  if (!shared) return { ...local, [Symbol.asyncDispose]: async () => {} };
  return new SharedLedger({ ...shared, record, observe, local, holdMs, now });
}

/** Counts what happens in a ledger; no tenant is told. */
export function ledgerMetrics(meter: MetricsMeter): LedgerObserver {
  const events = meter.createCounter(METRICS.quotaEvents, {
    description:
      "What happened in the ledger of quotas: refused, expired (a hold that its process did not end), reseeded (read from the record), local (Redis was away).",
  });
  return (event, times = 1) => events.add(times, { event });
}
