import { generateKeyPairSync, type KeyObject } from "node:crypto";

type KeyPair = Readonly<{ algorithm: string; kid: string; privateKey: KeyObject; publicKey: KeyObject }>;

/** An issuer for tests, whose keys lie open. */
export type TestIssuer = Readonly<{
  issuer: string;
  audience: string;
  /** A key of each kind that is accepted, and one that came in by rotation. */
  keys: Readonly<{ rsa: KeyPair; ec: KeyPair; ed: KeyPair; rotated: KeyPair }>;
  /** Text of its JWKS. */
  jwks: string;
}>;

export function testIssuer(issuer = "https://issuer.example"): TestIssuer {
  const keys = {
    rsa: pair("RS256", "rsa-1", generateKeyPairSync("rsa", { modulusLength: 2048 })),
    ec: pair("ES256", "ec-1", generateKeyPairSync("ec", { namedCurve: "P-256" })),
    ed: pair("EdDSA", "ed-1", generateKeyPairSync("ed25519")),
    rotated: pair("ES256", "ec-2", generateKeyPairSync("ec", { namedCurve: "P-256" })),
  };
  const shown = Object.values(keys).map(({ publicKey, kid, algorithm }) => ({
    ...publicKey.export({ format: "jwk" }),
    kid,
    alg: algorithm,
    use: "sig",
  }));
  return { issuer, audience: "forerun", keys, jwks: JSON.stringify({ keys: shown }) };
}

function pair(
  algorithm: string,
  kid: string,
  keys: Readonly<{ privateKey: KeyObject; publicKey: KeyObject }>,
): KeyPair {
  return { algorithm, kid, ...keys };
}
