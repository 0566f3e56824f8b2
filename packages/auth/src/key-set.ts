import { ForerunError } from "@forerun/runtime/forerun-error";
import { type CryptoKey, importJWK } from "jose";
import { z } from "zod";
import type { Algorithm } from "./algorithms.ts";
import { weaknessOf } from "./weak-rsa.ts";

export type VerificationKey = Readonly<{ kid: string | undefined; algorithm: Algorithm; key: CryptoKey }>;

/** An issuer's public keys for signatures that we accept. */
export type KeySet = readonly VerificationKey[];

/** More keys than an issuer has while it rotates them; each may be tried on a token that names none. */
const MAX_KEYS = 32;

const text = z.string().max(4_096);
const jwkSchema = z.looseObject({
  kty: text,
  kid: text.optional(),
  use: text.optional(),
  alg: text.optional(),
  key_ops: z.array(text).optional(),
  crv: text.optional(),
  n: text.optional(),
  e: text.optional(),
});
const jwksSchema = z.object({ keys: z.array(jwkSchema).max(MAX_KEYS) });
type Jwk = z.output<typeof jwkSchema>;

/**
 * Reads a JWKS (RFC 7517). Keys for other uses and algorithms are passed over. @throws ForerunError FR-E1006 for a set that must not
 * be trusted: one that shows a secret, holds a weak or broken key, or names two keys alike, and for one without any key of use.
 */
export async function readKeySet(json: string): Promise<KeySet> {
  const { keys } = parse(json);
  const found = await Promise.all(keys.map(readKey));
  const usable = found.filter((key) => key !== undefined);
  const names = usable
    .filter(({ kid }) => kid !== undefined)
    .map(({ kid, algorithm }) => `${algorithm} ${kid}`);
  if (new Set(names).size < names.length) throw unusable("two of its keys have one kid");
  if (usable.length === 0) throw unusable("it holds no public key for RS256, ES256 or EdDSA");
  return usable;
}

function parse(json: string): z.output<typeof jwksSchema> {
  try {
    return jwksSchema.parse(JSON.parse(json));
  } catch {
    throw unusable(`it is no JSON object with a list "keys" of at most ${MAX_KEYS} keys`);
  }
}

async function readKey(jwk: Jwk): Promise<VerificationKey | undefined> {
  const name = `the key ${JSON.stringify(jwk.kid?.slice(0, 80) ?? "without a kid")}`;
  if (jwk.kty === "oct" || jwk.k !== undefined || jwk.d !== undefined || jwk.priv !== undefined)
    throw unusable(`${name} is secret: whoever reads the set can sign tokens`);
  const algorithm = algorithmOf(jwk);
  if (!algorithm) return undefined;
  const weakness = algorithm === "RS256" ? weaknessOf(jwk.n ?? "", jwk.e ?? "") : undefined;
  if (weakness) throw unusable(`${name} is weak: ${weakness}`);
  const { kty, crv, n, e, x, y } = jwk;
  const key = await importJWK({ kty, crv, n, e, x, y } as never, algorithm).catch(() => {
    throw unusable(`${name} is no key`);
  });
  return { kid: jwk.kid, algorithm, key: key as CryptoKey };
}

/** The one algorithm a key is for; undefined where that is none of ours. */
function algorithmOf({ kty, crv, use, alg, key_ops }: Jwk): Algorithm | undefined {
  if ((use !== undefined && use !== "sig") || (key_ops && !key_ops.includes("verify"))) return undefined;
  const fits = (algorithm: Algorithm, ...names: string[]) =>
    alg === undefined || alg === algorithm || names.includes(alg) ? algorithm : undefined;
  if (kty === "RSA") return fits("RS256");
  if (kty === "EC" && crv === "P-256") return fits("ES256");
  return kty === "OKP" && crv === "Ed25519" ? fits("EdDSA", "Ed25519") : undefined;
}

export function unusable(why: string, cause?: unknown): ForerunError {
  return new ForerunError(
    "FR-E1006",
    "failed_precondition",
    `the issuer's keys cannot be used: ${why}`,
    "Let JWKS name the issuer's JWKS: its public keys alone, RSA of 2048 bits or more, P-256 or Ed25519.",
    { cause },
  );
}
