import { join } from "node:path";
import { MODEL_VARIABLES, readTier, type TierSettings } from "@forerun/llm/model-settings";
import { type Environment, readEnv } from "@forerun/runtime/config";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import type { FileConfig } from "@forerun/runtime/file-config";

const ROUTER_ENVIRONMENT = ENVIRONMENT.pick({ ...MODEL_VARIABLES, DATA_DIR: true, TOOL_EXECUTOR_ADDR: true });

/** What the composed service needs to know. */
export type RouterConfig = Readonly<{
  /** Tool calls a turn at most, where the request names no bound. */
  maxToolCalls: number;
  /** Where the tool executor is, when it runs as its own process. */
  toolExecutorAddress: string | undefined;
  /** What `forerun eval calibrate` writes; need not be there. */
  calibrationFile: string;
}>;

/** Throws ConfigError for variables that do not parse. */
export function routerConfig(environment: Environment, file: FileConfig): RouterConfig {
  const env = readEnv(ROUTER_ENVIRONMENT, environment);
  return {
    maxToolCalls: file.limits.max_tool_calls,
    toolExecutorAddress: env.TOOL_EXECUTOR_ADDR,
    calibrationFile: join(env.DATA_DIR, "calibration.json"),
  };
}

/** The small models that decide; without them, and without larger ones, decisions are tier 0's. */
export function readRouteModels(environment: Environment, file: FileConfig): TierSettings {
  return readTier("route", readEnv(ROUTER_ENVIRONMENT, environment), file.models, environment);
}

/** The larger models that the small ones may hand over to. */
export function readEscalateModels(environment: Environment, file: FileConfig): TierSettings {
  return readTier("escalate", readEnv(ROUTER_ENVIRONMENT, environment), file.models, environment);
}
