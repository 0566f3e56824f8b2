import { generateKeyPairSync, sign } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Signs tokens of any tenant, with a key that the gateway reads from a file. */
export type Issuer = {
  name: string;
  jwks: string;
  /** A token that is good for an hour. */
  token(tenant: string): string;
};

const NAME = "https://issuer.example";
const KEY_ID = "faults";
const LIFETIME_S = 3_600;

export async function openIssuer(folder: string): Promise<Issuer> {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwks = join(folder, "jwks.json");
  const key = { ...publicKey.export({ format: "jwk" }), kid: KEY_ID, alg: "ES256", use: "sig" };
  await writeFile(jwks, JSON.stringify({ keys: [key] }));
  return {
    name: NAME,
    jwks,
    token(tenant) {
      const iat = Math.floor(Date.now() / 1_000);
      const claims = { iss: NAME, aud: "forerun", sub: "u1", tenant, iat, exp: iat + LIFETIME_S };
      const text = `${part({ alg: "ES256", typ: "JWT", kid: KEY_ID })}.${part(claims)}`;
      const signature = sign("sha256", Buffer.from(text), { key: privateKey, dsaEncoding: "ieee-p1363" });
      return `${text}.${signature.toString("base64url")}`;
    },
  };
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
