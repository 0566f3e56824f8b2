import { type Environment, readEnv } from "@forerun/runtime/config";
import { ConfigError, type ConfigFault } from "@forerun/runtime/config-fault";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import { ForerunError } from "@forerun/runtime/forerun-error";
import type { Logger } from "@forerun/runtime/logger";
import type { z } from "zod";
import { DEV_ISSUER, openDevIssuer } from "./dev-issuer.ts";
import { openKeySource } from "./key-source.ts";
import { type TokenVerifier, tokenVerifier } from "./token-verifier.ts";

const AUTH_ENVIRONMENT = ENVIRONMENT.pick({
  AUTH: true,
  JWT_ISSUER: true,
  JWT_AUDIENCE: true,
  JWKS: true,
  NODE_ENV: true,
  DATA_DIR: true,
});
type AuthEnvironment = z.output<typeof AUTH_ENVIRONMENT>;

/**
 * The verifier of the tokens that the environment names; undefined with AUTH=off. @throws ForerunError for variables that are missing
 * or do not parse, for a JWKS file that cannot be used, and for the development issuer in production.
 */
export async function openVerifier(
  environment: Environment,
  log: Logger,
): Promise<TokenVerifier | undefined> {
  const env = readEnv(AUTH_ENVIRONMENT, environment);
  if (env.AUTH === "off") return undefined;
  const { issuer, place } = await issuerOf(env);
  return tokenVerifier({ issuer, audience: env.JWT_AUDIENCE, jwks: await openKeySource({ place, log }) });
}

async function issuerOf(env: AuthEnvironment): Promise<{ issuer: string; place: string }> {
  const { JWT_ISSUER: issuer, JWKS: place } = env;
  if (issuer === DEV_ISSUER) {
    refuseInProduction(env.NODE_ENV);
    return { issuer, place: place ?? (await openDevIssuer(env.DATA_DIR)).jwksFile };
  }
  const faults = [
    ...(issuer ? [] : [missing("JWT_ISSUER", "expected the issuer (iss) of the tokens")]),
    ...(place ? [] : [missing("JWKS", "expected the path or address of the issuer's keys")]),
  ];
  if (issuer && place) return { issuer, place };
  throw new ConfigError(faults as [ConfigFault, ...ConfigFault[]]);
}

function missing(key: string, expected: string): ConfigFault {
  return {
    code: "FR-E1203",
    where: "environment",
    key,
    problem: `${expected}, as AUTH=jwt is set, got nothing`,
  };
}

/** @throws ForerunError FR-E1005 */
export function refuseInProduction(nodeEnv: string | undefined): void {
  if (nodeEnv !== "production") return;
  throw new ForerunError(
    "FR-E1005",
    "failed_precondition",
    `${DEV_ISSUER} issues tokens for development, and NODE_ENV=production is set`,
    "set JWT_ISSUER and JWKS to those of your identity provider",
  );
}
