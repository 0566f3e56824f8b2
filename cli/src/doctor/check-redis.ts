import { pingRedis } from "@forerun/redis/ping";
import { type Finding, fine, wrong } from "./finding.ts";

/** Redis answers; without REDIS_URL there is nothing to check. */
export async function checkRedis(url: string | undefined): Promise<Finding> {
  if (!url) return fine("redis", "not used: each process keeps results for itself");
  const outcome = await pingRedis(url);
  if (outcome.kind === "reached") return fine("redis", `${outcome.version}: results are shared by replicas`);
  const fix = "start Redis, set REDIS_URL to where it runs, or unset it; until then nothing is shared";
  return wrong("redis", outcome.cause, fix);
}
