import { createPrivateKey, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { TokenRole } from "@forerun/runtime/caller";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { type JWK, SignJWT } from "jose";
import type { Algorithm } from "./algorithms.ts";

/** What a token is to say. */
export type TokenContent = Readonly<{
  issuer: string;
  audience: string;
  tenant: string;
  subject: string;
  roles: readonly TokenRole[];
  queue?: string | undefined;
  /** How long it holds, in seconds. */
  lifetimeS: number;
}>;

export type SigningKey = Readonly<{ key: KeyObject; algorithm: Algorithm; kid: string | undefined }>;

/** Signs a token. */
export function mintToken(content: TokenContent, { key, algorithm, kid }: SigningKey): Promise<string> {
  const { issuer, audience, tenant, subject, roles, queue, lifetimeS } = content;
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ tenant, roles: [...roles], ...(queue !== undefined && { queue }) })
    .setProtectedHeader({ alg: algorithm, typ: "JWT", ...(kid !== undefined && { kid }) })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(subject)
    .setIssuedAt(now)
    .setExpirationTime(now + lifetimeS)
    .sign(key);
}

/** A private key as a file holds it: a JWK, or PEM. @throws ForerunError FR-E1801 for anything else. */
export async function readSigningKey(path: string): Promise<SigningKey> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw noKey(path, "it cannot be read", cause);
  });
  const { key, kid } = parseKey(path, text.trim());
  const algorithm = algorithmOf(key);
  if (!algorithm) throw noKey(path, "it is for none of RS256, ES256 and EdDSA");
  return { key, algorithm, kid };
}

function parseKey(path: string, text: string): { key: KeyObject; kid: string | undefined } {
  try {
    if (!text.startsWith("{")) return { key: createPrivateKey(text), kid: undefined };
    const jwk = JSON.parse(text) as JWK;
    return { key: createPrivateKey({ key: jwk as never, format: "jwk" }), kid: jwk.kid };
  } catch (cause) {
    throw noKey(path, "it holds no private key", cause);
  }
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): Algorithm | undefined {
  if (asymmetricKeyType === "rsa") return "RS256";
  if (asymmetricKeyType === "ed25519") return "EdDSA";
  return asymmetricKeyDetails?.namedCurve === "prime256v1" ? "ES256" : undefined;
}

function noKey(path: string, why: string, cause?: unknown): ForerunError {
  const fix = "give the file of a private key: RSA, P-256 or Ed25519, as a JWK or PEM";
  return new ForerunError(
    "FR-E1801",
    "invalid_argument",
    `no token can be signed with ${path}: ${why}`,
    fix,
    {
      cause,
    },
  );
}
