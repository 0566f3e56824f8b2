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

export const MODEL_TIERS = ["route", "answer", "escalate", "judge", "embed"] as const;
export type ModelTier = (typeof MODEL_TIERS)[number];

/** The models of a tier in the order in which they are tried; empty where none is connected. */
export type TierSettings = Readonly<{
  common: readonly ModelOptions[];
  /** The lists of tenants that have one of their own. */
  tenants: ReadonlyMap<string, readonly ModelOptions[]>;
}>;

/** Milliseconds of silence that a tier bears: a decision is short and has a fallback. */
const TIMEOUT_MS: Readonly<Record<ModelTier, number>> = {
  route: 10_000,
  answer: 30_000,
  escalate: 30_000,
  judge: 60_000,
  embed: 5_000,
};

/**
 * The models of a tier. For route and answer the variables win over the file, as everywhere; a key alone names no model, since
 * the file may point to it. A tenant's own list stands in place of the common one. Throws one ConfigError for a connected model
 * without a name and for keys that cannot be read.
 */
export function readTier(
  tier: ModelTier,
  variables: ModelEnvironment,
  models: FileConfig["models"],
  env: Environment,
): TierSettings {
  const listed = (list: readonly ModelConfig[], place: string) =>
    list.map((entry, at) => fromEntry(tier, entry, `${place}.${tier}[${at}].key`, env));
  const connected =
    tier === "route" || tier === "answer" ? fromVariables(tier, variables, models) : undefined;
  const tenants = Object.entries(models.tenants ?? {}).flatMap(([tenant, tiers]) => {
    const own = tiers[tier];
    return own === undefined ? [] : [[tenant, listed(own, `models.tenants.${tenant}`)] as const];
  });
  return {
    common: connected ? [connected] : listed(models.tiers[tier] ?? [], "models.tiers"),
    tenants: new Map(tenants),
  };
}

/** Undefined where the variables connect nothing, or only a key beside a file that names the models. */
function fromVariables(
  tier: "route" | "answer",
  variables: ModelEnvironment,
  models: FileConfig["models"],
): ModelOptions | undefined {
  const { OPENAI_API_KEY: key, MODEL_URL: url, MODEL: name, ROUTE_MODEL: routeName } = variables;
  if (key === undefined && url === undefined) return undefined;
  if (name === undefined) {
    if (url === undefined && models.tiers[tier] !== undefined) return undefined;
    const problem = `expected the name of the model to use, because ${url ? "MODEL_URL" : "OPENAI_API_KEY"} is set, got nothing`;
    throw new ConfigError([{ code: "FR-E1203", where: "environment", key: "MODEL", problem }]);
  }
  const model = tier === "route" ? (routeName ?? name) : name;
  return { url, key, model, timeoutMs: TIMEOUT_MS[tier] };
}

function fromEntry(tier: ModelTier, entry: ModelConfig, keyPlace: string, env: Environment): ModelOptions {
  const { url, model, context_tokens: contextTokens, price, timeout } = entry;
  const key = entry.key === undefined ? undefined : readSecret(entry.key, keyPlace, env);
  return { url, key, model, contextTokens, price, timeoutMs: timeout ?? TIMEOUT_MS[tier] };
}
