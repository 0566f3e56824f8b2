import { BoundedMap } from "@forerun/runtime/bounded-map";
import type { Caller } from "@forerun/runtime/caller";
import { guard } from "@forerun/runtime/guard";
import type { KeySet } from "./key-set.ts";
import type { KeySource } from "./key-source.ts";
import { readObject } from "./read-object.ts";
import { fittingKeys, readHeader, signedByOneOf, type TokenHeader } from "./signature.ts";
import { type Expected, readClaims } from "./token-claims.ts";
import { hasTokenShape } from "./token-shape.ts";

/** The caller that a token proves; undefined for every kind of bad one. A good one is known from then on and answered at once. */
export type TokenVerifier = (token: string) => Caller | undefined | Promise<Caller | undefined>;

export type TokenVerifierOptions = Expected &
  Readonly<{
    jwks: KeySource;
    /** Milliseconds since 1970. */
    now?: () => number;
  }>;

/** Verified tokens that are remembered: 8 KB each at most. */
const REMEMBERED = 4_096;

/**
 * Verifies tokens of one issuer. A token is asked for the right claims before its signature costs anything, and remembered until
 * it ends or the issuer's keys change.
 */
export function tokenVerifier({ jwks, now = Date.now, ...expected }: TokenVerifierOptions): TokenVerifier {
  const verified = new BoundedMap<string, { caller: Caller; until: number; keys: KeySet }>(REMEMBERED);
  const verify = async (token: string): Promise<Caller | undefined> => {
    const header = readHeader(token);
    const claims = readObject(token.split(".", 2)[1] ?? "");
    const read = header && claims && readClaims(claims, expected, now());
    if (!read) return undefined;
    const keys = await keysWith(jwks, header);
    if (!guard("auth.signature", await signedByOneOf(fittingKeys(keys, header), token))) return undefined;
    verified.set(token, { ...read, keys });
    return read.caller;
  };
  return (token) => {
    const known = verified.get(token);
    if (known && known.keys === jwks.current() && now() < known.until) return known.caller;
    return hasTokenShape(token) ? verify(token) : undefined;
  };
}

/** The issuer's keys; looked for anew where none of them fits. */
async function keysWith(jwks: KeySource, header: TokenHeader): Promise<KeySet> {
  const keys = jwks.current();
  return fittingKeys(keys, header).length > 0 ? keys : jwks.refreshed();
}
