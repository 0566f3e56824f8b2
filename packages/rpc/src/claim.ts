import { type Caller, type Role, TENANT_PATTERN } from "@forerun/runtime/caller";
import { jwtVerify, SignJWT } from "jose";
import { z } from "zod";

/** Header of the signed claim. */
export const CALLER_HEADER = "forerun-caller";

const ISSUER = "forerun";
/** Seconds a claim lives, and the rest of its life below which a new one is signed. */
const LIFETIME_S = 60;
const RENEW_BELOW_S = 20;
const CACHE_SIZE = 1_000;

const ROLES = ["user", "evaluator", "operator", "admin", "service"] as const satisfies readonly Role[];
const claimSchema = z.object({
  tenant: z.string().regex(TENANT_PATTERN),
  sub: z.string().min(1),
  roles: z.array(z.enum(ROLES)),
  exp: z.number(),
});

export type ClaimSigner = (caller: Caller) => string | Promise<string>;
export type ClaimVerifier = (token: string) => Caller | undefined | Promise<Caller | undefined>;

/** Signs callers with FORERUN_KEY (HS256), once per caller and 40 s. `service` names the signer. */
export function claimSigner(keyBase64: string, service: string): ClaimSigner {
  const key = Buffer.from(keyBase64, "base64");
  const signed = new BoundedMap<string, { token: string; renewAt: number }>(CACHE_SIZE);
  return (caller) => {
    const id = JSON.stringify([caller.tenant, caller.subject, caller.roles]);
    const known = signed.get(id);
    if (known && known.renewAt > Date.now()) return known.token;
    const renewAt = Date.now() + (LIFETIME_S - RENEW_BELOW_S) * 1000;
    return new SignJWT({ tenant: caller.tenant, roles: [...caller.roles], service })
      .setProtectedHeader({ alg: "HS256" })
      .setSubject(caller.subject)
      .setIssuer(ISSUER)
      .setAudience(ISSUER)
      .setIssuedAt()
      .setExpirationTime(`${LIFETIME_S}s`)
      .sign(key)
      .then((token) => {
        signed.set(id, { token, renewAt });
        return token;
      });
  };
}

/** Verifies a claim; undefined for every kind of bad one. A good one is verified once and then known until it expires. */
export function claimVerifier(keyBase64: string): ClaimVerifier {
  const key = Buffer.from(keyBase64, "base64");
  const verified = new BoundedMap<string, { caller: Caller; expiresAt: number }>(CACHE_SIZE);
  const verify = async (token: string) => {
    const options = {
      algorithms: ["HS256"],
      issuer: ISSUER,
      audience: ISSUER,
      maxTokenAge: LIFETIME_S,
      clockTolerance: 5,
    };
    try {
      const { payload } = await jwtVerify(token, key, options);
      const claim = claimSchema.parse(payload);
      const caller: Caller = { tenant: claim.tenant, subject: claim.sub, roles: claim.roles };
      verified.set(token, { caller, expiresAt: claim.exp * 1000 });
      return caller;
    } catch {
      return undefined;
    }
  };
  return (token) => {
    const known = verified.get(token);
    return known && known.expiresAt > Date.now() ? known.caller : verify(token);
  };
}

/** A map that forgets its oldest entry when full. */
class BoundedMap<K, V> {
  readonly #entries = new Map<K, V>();
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  get(key: K): V | undefined {
    return this.#entries.get(key);
  }

  set(key: K, value: V): void {
    this.#entries.delete(key);
    const oldest = this.#entries.keys().next();
    if (this.#entries.size >= this.#size && !oldest.done) this.#entries.delete(oldest.value);
    this.#entries.set(key, value);
  }
}
