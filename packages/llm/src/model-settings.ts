import type { Environment } from "@forerun/runtime/config";
import { ConfigError } from "@forerun/runtime/config-fault";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import type { FileConfig, ModelConfig } from "@forerun/runtime/file-config";
import type { z } from "zod";
import type { ModelOptions } from "./model.ts";
import { readSecret } from "./secret.ts";

/** The variables that connect a model; a service that uses one picks them for its own schema. */
export const MODEL_VARIABLES = {
  OPENAI_API_KEY: true,
  MODEL_URL: true,
  MODEL: true,
  ROUTE_MODEL: true,
} as const;

const MODEL_ENVIRONMENT = ENVIRONMENT.pick(MODEL_VARIABLES);

export type ModelEnvironment = z.output<typeof MODEL_ENVIRONMENT>;

/** The tiers that are in use so far. */
export type ModelTier = "route" | "answer";

/** Milliseconds of silence that a tier bears: a decision is short and has a fallback. */
const TIMEOUT_MS: Readonly<Record<ModelTier, number>> = { route: 10_000, answer: 30_000 };

/**
 * The model of a tier: what the variables say, which win over the file as everywhere, else the first entry of `models.tiers`;
 * undefined when none is connected. A key alone names no model, since the file may point to it. Throws a ConfigError when a connected model has no name or its key cannot be read.
 */
export function modelSettings(
  tier: ModelTier,
  variables: ModelEnvironment,
  tiers: FileConfig["models"]["tiers"],
  env: Environment,
): ModelOptions | undefined {
  const entry = tiers[tier]?.[0];
  const { MODEL_URL, MODEL, OPENAI_API_KEY } = variables;
  const named = MODEL_URL !== undefined || (MODEL !== undefined && OPENAI_API_KEY !== undefined);
  return entry === undefined || named ? fromVariables(tier, variables) : fromEntry(tier, entry, env);
}

function fromVariables(tier: ModelTier, variables: ModelEnvironment): ModelOptions | undefined {
  const { OPENAI_API_KEY: key, MODEL_URL: url, MODEL: name, ROUTE_MODEL: routeName } = variables;
  if (key === undefined && url === undefined) return undefined;
  if (name === undefined) {
    const problem = `expected the name of the model to use, because ${url ? "MODEL_URL" : "OPENAI_API_KEY"} is set, got nothing`;
    throw new ConfigError([{ code: "FR-E1203", where: "environment", key: "MODEL", problem }]);
  }
  const model = tier === "route" ? (routeName ?? name) : name;
  return { url, key, model, timeoutMs: TIMEOUT_MS[tier] };
}

function fromEntry(tier: ModelTier, entry: ModelConfig, env: Environment): ModelOptions {
  const key = entry.key === undefined ? undefined : readSecret(entry.key, `models.tiers.${tier}[0].key`, env);
  const { url, model, context_tokens: contextTokens } = entry;
  return { url, key, model, contextTokens, timeoutMs: entry.timeout ?? TIMEOUT_MS[tier] };
}
