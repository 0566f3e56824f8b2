import { BoundedMap } from "@forerun/runtime/bounded-map";
import type { Caller } from "@forerun/runtime/caller";
import { compactVerify } from "jose";
import { z } from "zod";
import { ALGORITHMS } from "./algorithms.ts";
import type { KeySet } from "./key-set.ts";
import type { KeySource } from "./key-source.ts";
import { readObject } from "./read-object.ts";
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
 * Of a header only this is read. Where it points elsewhere for a key (jku, x5u) or brings one (jwk, x5c), that is passed over;
 * extensions that must be understood (crit) are understood by nobody here.
 */
const headerSchema = z.object({
  alg: z.enum(ALGORITHMS),
  kid: z.string().max(256).optional(),
  crit: z.never().optional(),
});
type Header = z.output<typeof headerSchema>;

/** Verifies tokens of one issuer. A token is asked for the right claims before its signature costs anything, and remembered until it ends or the issuer's keys change. */
export function tokenVerifier({ jwks, now = Date.now, ...expected }: TokenVerifierOptions): TokenVerifier {
  const verified = new BoundedMap<string, { caller: Caller; until: number; keys: KeySet }>(REMEMBERED);
  const verify = async (token: string): Promise<Caller | undefined> => {
    const [head = "", payload = ""] = token.split(".", 2);
    const header = headerSchema.safeParse(readObject(head));
    const claims = readObject(payload);
    const read = claims && readClaims(claims, expected, now());
    if (!header.success || !read) return undefined;
    const keys = await keysWith(jwks, header.data);
    if (!(await signedByOneOf(candidates(keys, header.data), token))) return undefined;
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
async function keysWith(jwks: KeySource, header: Header): Promise<KeySet> {
  const keys = jwks.current();
  return candidates(keys, header).length > 0 ? keys : jwks.refreshed();
}

/** The keys that may have signed: those of the header's algorithm, and of its kid where it names one. */
function candidates(keys: KeySet, { alg, kid }: Header): KeySet {
  return keys.filter((key) => key.algorithm === alg && (kid === undefined || key.kid === kid));
}

async function signedByOneOf(keys: KeySet, token: string): Promise<boolean> {
  for (const { key, algorithm } of keys) {
    const signed = await compactVerify(token, key, { algorithms: [algorithm] }).then(
      () => true,
      () => false,
    );
    if (signed) return true;
  }
  return false;
}
