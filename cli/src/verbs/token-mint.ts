import { DEV_ISSUER, openDevIssuer } from "@forerun/auth/dev-issuer";
import { mintToken, readSigningKey } from "@forerun/auth/mint-token";
import { refuseInProduction } from "@forerun/auth/open-verifier";
import { QUEUE_PATTERN, TENANT_PATTERN, TOKEN_ROLES, type TokenRole } from "@forerun/runtime/caller";
import { readEnv } from "@forerun/runtime/config";
import { parseDuration } from "@forerun/runtime/duration";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import { ForerunError } from "@forerun/runtime/forerun-error";
import type { CommandContext } from "../command-context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";

export type TokenMintInput = Readonly<{
  tenant: string;
  sub: string;
  /** Separated by commas. */
  roles: string;
  ttl: string;
  key?: string;
  queue?: string;
}>;

const VARIABLES = ENVIRONMENT.pick({ DATA_DIR: true, JWT_ISSUER: true, JWT_AUDIENCE: true, NODE_ENV: true });

/** Prints a token: of the development issuer, or with a key of one's own of JWT_ISSUER. */
export async function tokenMint(input: TokenMintInput, { env, terminal }: CommandContext): Promise<ExitCode> {
  const { DATA_DIR, JWT_ISSUER, JWT_AUDIENCE: audience, NODE_ENV } = readEnv(VARIABLES, env);
  const issuer = (input.key && JWT_ISSUER) || DEV_ISSUER;
  if (issuer === DEV_ISSUER) refuseInProduction(NODE_ENV);
  const content = { issuer, audience, ...contentOf(input) };
  const key = await readSigningKey(input.key ?? (await openDevIssuer(DATA_DIR)).keyFile);
  terminal.result(await mintToken(content, key));
  return EXIT.ok;
}

function contentOf({ tenant, sub: subject, roles, ttl, queue }: TokenMintInput) {
  const asked = roles.split(",").map((role) => role.trim());
  const unknown = asked.find((role) => !TOKEN_ROLES.some((known) => known === role));
  const lifetimeMs = parseDuration(ttl);
  if (!TENANT_PATTERN.test(tenant))
    throw bad("--tenant", "a-z, 0-9 and -, 63 characters at most, no - in front");
  if (!subject) throw bad("--sub", "the id of a user");
  if (unknown !== undefined) throw bad("--roles", `some of ${TOKEN_ROLES.join(", ")}, separated by commas`);
  if (queue !== undefined && !QUEUE_PATTERN.test(queue)) throw bad("--queue", "a-z, 0-9, _ and -");
  if (!lifetimeMs || lifetimeMs < 1000) throw bad("--ttl", "a duration such as 15m or 1h");
  return { tenant, subject, roles: asked as TokenRole[], queue, lifetimeS: Math.floor(lifetimeMs / 1000) };
}

function bad(option: string, expected: string): ForerunError {
  return new ForerunError(
    "FR-E1801",
    "invalid_argument",
    `${option} takes ${expected}`,
    "see forerun token mint --help",
  );
}
