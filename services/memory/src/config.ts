import { STORE_ENVIRONMENT, type StorePlace, storePlace } from "@forerun/db/store-place";
import { type Environment, readEnv } from "@forerun/runtime/config";

/** Where the service keeps its schema. Throws ConfigError for variables that do not parse. */
export function memoryPlace(env: Environment): StorePlace {
  return storePlace(readEnv(STORE_ENVIRONMENT, env));
}
