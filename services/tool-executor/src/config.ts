import { STORE_ENVIRONMENT, type StorePlace, storePlace } from "@forerun/db/store-place";
import { type Environment, readEnv } from "@forerun/runtime/config";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import type { FileConfig } from "@forerun/runtime/file-config";
import { z } from "zod";
import type { ToolOverride } from "./registered-tool.ts";

const TOOL_ENVIRONMENT = ENVIRONMENT.pick({
  TOOLS_DIR: true,
  FORERUN_TOOLS: true,
  LANE: true,
  OPEN_METEO_URL: true,
  GEOCODING_URL: true,
  FRANKFURTER_URL: true,
  QUOTE_URL: true,
});

const MESH_ENVIRONMENT = z.object({ MEMORY_ADDR: ENVIRONMENT.shape.MEMORY_ADDR.unwrap() });

/** What the composed service needs to know. */
export type ToolExecutorConfig = Readonly<{
  /** False runs without any tool. */
  on: boolean;
  /** Whose calls are taken; see runtime/lane.ts. */
  lane: string;
  /** Watched folder of tool modules. */
  toolsDir: string;
  /** Folder whose package.json names the packages that may bring tools. */
  projectDir: string;
  /** Patterns of names in use; see tool-filter.ts. */
  enabled: readonly string[];
  /** Longest run of one call of any tool without an override, in milliseconds. */
  maxTimeoutMs: number | undefined;
  overrides: ReadonlyMap<string, ToolOverride>;
  forecastUrl: string;
  geocodingUrl: string;
  frankfurterUrl: string;
  /** Undefined: stock_quote is not set up. */
  quoteUrl: string | undefined;
}>;

/** Throws ConfigError for variables that do not parse. */
export function toolExecutorConfig(environment: Environment, file: FileConfig): ToolExecutorConfig {
  const env = readEnv(TOOL_ENVIRONMENT, environment);
  const { enabled, timeout, ...byName } = file.tools;
  return {
    on: env.FORERUN_TOOLS === "on",
    lane: env.LANE,
    toolsDir: env.TOOLS_DIR,
    projectDir: process.cwd(),
    enabled,
    maxTimeoutMs: timeout,
    overrides: new Map(Object.entries(byName).map(([name, settings]) => [name, overrideOf(settings)])),
    forecastUrl: env.OPEN_METEO_URL,
    geocodingUrl: env.GEOCODING_URL,
    frankfurterUrl: env.FRANKFURTER_URL,
    quoteUrl: env.QUOTE_URL,
  };
}

/** Where the memory service is, for a process of its own. Throws ConfigError when it is not said. */
export function memoryAddress(environment: Environment): string {
  return readEnv(MESH_ENVIRONMENT, environment).MEMORY_ADDR;
}

/** Where calls that change something are noted, for a process of its own: on Postgres, or nowhere. */
export function recordPlace(environment: Environment): StorePlace | undefined {
  const place = storePlace(readEnv(STORE_ENVIRONMENT, environment));
  return place.databaseUrl === undefined ? undefined : place;
}

function overrideOf(settings: {
  timeout?: number | undefined;
  cache_ttl?: number | undefined;
}): ToolOverride {
  return {
    ...(settings.timeout === undefined ? {} : { timeoutMs: settings.timeout }),
    ...(settings.cache_ttl === undefined ? {} : { cacheTtlMs: settings.cache_ttl }),
  };
}
