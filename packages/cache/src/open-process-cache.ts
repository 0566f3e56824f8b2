import { openRedis } from "@forerun/redis/open-redis";
import type { Logger } from "@forerun/runtime/logger";
import type { Meter } from "@opentelemetry/api";
import type { Cache } from "./cache.ts";
import { openCache } from "./open-cache.ts";

export type ProcessCacheOptions = Readonly<{
  /** Undefined: nothing is shared. */
  redisUrl: string | undefined;
  /** Name of the deployment, so that several may use one Redis. */
  deployment: string;
  meter: Meter;
  log: Logger;
}>;

/** The cache of a process: in memory, and shared with others where there is a Redis. Does not wait for it. */
export function openProcessCache({
  redisUrl,
  deployment,
  meter,
  log,
}: ProcessCacheOptions): Cache & AsyncDisposable {
  if (redisUrl === undefined) return openCache({ meter });
  const redis = openRedis({ url: redisUrl, meter, log });
  const cache = openCache({ meter, shared: { texts: redis, prefix: `fr:${deployment}:` } });
  return {
    find: cache.find,
    keep: cache.keep,
    async [Symbol.asyncDispose]() {
      await cache[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
    },
  };
}
