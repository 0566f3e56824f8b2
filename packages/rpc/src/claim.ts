import { hasTokenShape } from "@forerun/auth/token-shape";
import { BoundedMap } from "@forerun/runtime/bounded-map";
import { type Caller, QUEUE_PATTERN, TENANT_PATTERN, TOKEN_ROLES } from "@forerun/runtime/caller";
import { guard } from "@forerun/runtime/guard";
import { jwtVerify, SignJWT } from "jose";
import { z } from "zod";

/** Header of the signed claim. */
export const CALLER_HEADER = "forerun-caller";

const ISSUER = "forerun";
/** Seconds a claim lives, and the rest of its life below which a new one is signed. */
const LIFETIME_S = 60;
const RENEW_BELOW_S = 20;
const CACHE_SIZE = 1_000;

const claimSchema = z.object({
  tenant: z.string().regex(TENANT_PATTERN),
  sub: z.string().min(1),
  roles: z.array(z.enum([...TOKEN_ROLES, "service"])),
  queue: z.string().regex(QUEUE_PATTERN).optional(),
  service: z.string().min(1),
  exp: z.number(),
});

export type ClaimSigner = (caller: Caller) => string | Promise<string>;
/** Who calls, and which service says so. */
export type Claim = Readonly<{ caller: Caller; service: string }>;
export type ClaimReader = (token: string) => Claim | undefined | Promise<Claim | undefined>;
export type ClaimVerifier = (token: string) => Caller | undefined | Promise<Caller | undefined>;

/** Signs callers with FORERUN_KEY (HS256), once per caller and 40 s. `service` names the signer. */
export function claimSigner(keyBase64: string, service: string): ClaimSigner {
  const key = Buffer.from(keyBase64, "base64");
  const signed = new BoundedMap<string, { token: string; renewAt: number }>(CACHE_SIZE);
  return (caller) => {
    const { tenant, subject, roles, queue } = caller;
    const id = JSON.stringify([tenant, subject, roles, queue]);
    const known = signed.get(id);
    if (known && known.renewAt > Date.now()) return known.token;
    const renewAt = Date.now() + (LIFETIME_S - RENEW_BELOW_S) * 1000;
    return new SignJWT({ tenant, roles: [...roles], service, ...(queue !== undefined && { queue }) })
      .setProtectedHeader({ alg: "HS256" })
      .setSubject(subject)
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

/** Reads a claim; undefined for every kind of bad one. A good one is verified once and then known until it expires. */
export function claimReader(keyBase64: string): ClaimReader {
  const key = Buffer.from(keyBase64, "base64");
  const verified = new BoundedMap<string, { claim: Claim; expiresAt: number }>(CACHE_SIZE);
  const verify = async (token: string) => {
    const options = {
      algorithms: ["HS256"],
      issuer: ISSUER,
      audience: ISSUER,
      maxTokenAge: LIFETIME_S,
      clockTolerance: 5,
    };
    try {
      const { payload } = await guard("rpc.claim", jwtVerify(token, key, options));
      const { tenant, sub: subject, roles, queue, service, exp } = claimSchema.parse(payload);
      const caller: Caller = { tenant, subject, roles, ...(queue !== undefined && { queue }) };
      const claim = { caller, service };
      verified.set(token, { claim, expiresAt: exp * 1000 });
      return claim;
    } catch {
      return undefined;
    }
  };
  return (token) => {
    const known = verified.get(token);
    if (known && known.expiresAt > Date.now()) return known.claim;
    return hasTokenShape(token) ? verify(token) : undefined;
  };
}

/** As {@link claimReader}, where it is no matter which service calls. */
export function claimVerifier(keyBase64: string): ClaimVerifier {
  const read = claimReader(keyBase64);
  return (token) => {
    const claim = read(token);
    return claim instanceof Promise ? claim.then((one) => one?.caller) : claim?.caller;
  };
}
