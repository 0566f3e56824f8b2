import { type Json, type Part, signed } from "./jws.ts";
import type { TestIssuer } from "./test-issuer.ts";

/** One thing to try at a door that checks tokens. */
export type TokenCase = Readonly<{
  name: string;
  /** Values of the Authorization headers to send, in this order; mostly it is one, with the token in it. */
  authorization: readonly string[];
  /** The token itself; undefined where the headers are the point. */
  token?: string;
  accept: boolean;
}>;

export function refused(name: string, token: string): TokenCase {
  return { name, token, authorization: [`Bearer ${token}`], accept: false };
}

export function accepted(name: string, token: string): TokenCase {
  return { name, token, authorization: [`Bearer ${token}`], accept: true };
}

/** Claims of a good token, a minute old. */
export function goodClaims({ issuer, audience }: TestIssuer): Json {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: issuer,
    aud: audience,
    sub: "u1",
    tenant: "acme",
    roles: ["user"],
    iat: now - 60,
    exp: now + 3600,
  };
}

export function goodHeader({ keys }: TestIssuer): Json {
  return { alg: "ES256", typ: "JWT", kid: keys.ec.kid };
}

/** A token that the issuer has signed, whatever stands in it. */
export function issued(issuer: TestIssuer, payload: Part, header: Part = goodHeader(issuer)): string {
  return signed(issuer.keys.ec.privateKey, header, payload);
}
