import { type Environment, readEnv } from "@forerun/runtime/config";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import type { z } from "zod";

const MEMORY_ENVIRONMENT = ENVIRONMENT.pick({ DATA_DIR: true, DATABASE_URL: true });

export type MemoryEnvironment = z.output<typeof MEMORY_ENVIRONMENT>;

export function readMemoryEnvironment(env: Environment): MemoryEnvironment {
  return readEnv(MEMORY_ENVIRONMENT, env);
}
