import { generateKeyPairSync } from "node:crypto";
import { authenticated, encode, type Json, signed } from "./jws.ts";
import type { TestIssuer } from "./test-issuer.ts";
import { goodClaims, refused, type TokenCase } from "./token-case.ts";

const NONE = ["none", "None", "NONE", "nOnE", "none ", " none", "", "null", "no\u006ee\u0000", "ｎｏｎｅ"];
const ABSENT = [null, undefined, false, 0, [], {}, ["ES256"], "HS256\u0000"];

/** Attacks on how a token is proved: no signature, another kind, or a key of the attacker's. `sink` must be asked for nothing. */
export function keyAttacks(issuer: TestIssuer, sink: string): TokenCase[] {
  return [...unsigned(issuer), ...confused(issuer), ...brought(issuer, sink), ...named(issuer)];
}

function unsigned(issuer: TestIssuer): TokenCase[] {
  const claims = goodClaims(issuer);
  const { kid, privateKey } = issuer.keys.ec;
  return [...NONE, ...ABSENT].flatMap((alg) => {
    const name = `alg ${JSON.stringify(alg) ?? "left out"}`;
    const input = `${encode({ alg, kid })}.${encode(claims)}`;
    const signature = signed(privateKey, { alg, kid }, claims);
    return [
      refused(`${name}, no signature`, `${input}.`),
      refused(`${name}, an empty byte`, `${input}.AA`),
      refused(`${name}, the right signature`, signature),
    ];
  });
}

/** The public key as the secret of an HMAC, secrets that all know, and kinds of signatures mixed up. */
function confused(issuer: TestIssuer): TokenCase[] {
  const claims = goodClaims(issuer);
  const { rsa, ec, ed } = issuer.keys;
  const forms = [rsa, ec].flatMap(({ publicKey, kid }) => [
    { kid, form: "PEM", secret: publicKey.export({ format: "pem", type: "spki" }) },
    {
      kid,
      form: "PEM without its end",
      secret: String(publicKey.export({ format: "pem", type: "spki" })).trim(),
    },
    { kid, form: "DER", secret: publicKey.export({ format: "der", type: "spki" }) },
    { kid, form: "JWK", secret: JSON.stringify(publicKey.export({ format: "jwk" })) },
  ]);
  const weak = ["", "secret", "password", "changeme", "forerun", "0".repeat(32)];
  const { n = "" } = rsa.publicKey.export({ format: "jwk" });
  return [
    ...forms.map(({ kid, form, secret }) =>
      refused(
        `HMAC by the public key of ${kid} as ${form}`,
        authenticated(secret, { alg: "HS256", kid }, claims),
      ),
    ),
    ...weak.map((secret) =>
      refused(
        `HMAC by ${JSON.stringify(secret)}`,
        authenticated(secret, { alg: "HS256", kid: rsa.kid }, claims),
      ),
    ),
    refused("HMAC by the modulus", authenticated(n, { alg: "HS256", kid: rsa.kid }, claims)),
    refused("HMAC that calls itself RS256", authenticated("x", { alg: "RS256", kid: rsa.kid }, claims)),
    refused("RS256 by the P-256 key", signed(ec.privateKey, { alg: "RS256", kid: rsa.kid }, claims)),
    refused("ES256 by the RSA key", signed(rsa.privateKey, { alg: "ES256", kid: ec.kid }, claims)),
    refused("EdDSA under another key's kid", signed(ed.privateKey, { alg: "EdDSA", kid: ec.kid }, claims)),
    ...["RS512", "PS256", "ES384", "ES256K", "RS1", "es256"].map((alg) =>
      refused(`alg ${alg} is not taken`, signed(ec.privateKey, { alg, kid: ec.kid }, claims)),
    ),
    refused(
      "ES256 of zeros",
      `${encode({ alg: "ES256", kid: ec.kid })}.${encode(claims)}.${encode(Buffer.alloc(64))}`,
    ),
  ];
}

/** Headers that bring a key, or say where one lies. */
function brought(issuer: TestIssuer, sink: string): TokenCase[] {
  const claims = goodClaims(issuer);
  const thief = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = {
    ...thief.publicKey.export({ format: "jwk" }),
    kid: issuer.keys.ec.kid,
    alg: "ES256",
    use: "sig",
  };
  const der = thief.publicKey.export({ format: "der", type: "spki" }).toString("base64");
  const headers: readonly (readonly [string, Json])[] = [
    ["jwk", { jwk }],
    ["jku", { jku: `${sink}/jwks.json` }],
    ["jku beside the issuer's own", { jku: `${issuer.issuer}/.well-known/jwks.json@${sink}/` }],
    ["x5u", { x5u: `${sink}/cert.pem` }],
    ["x5c", { x5c: [der] }],
    ["jku and jwk", { jku: `${sink}/jwks.json`, jwk }],
    ["an issuer to be discovered", { iss: sink }],
  ];
  const kids = [issuer.keys.ec.kid, "thief", undefined];
  return headers.flatMap(([name, header]) =>
    kids.map((kid) =>
      refused(
        `a key by ${name}, kid ${kid}`,
        signed(thief.privateKey, { alg: "ES256", kid, ...header }, claims),
      ),
    ),
  );
}

/** Names of keys that are paths, statements, lines, or too long to be one. */
function named(issuer: TestIssuer): TokenCase[] {
  const claims = goodClaims(issuer);
  const kids: unknown[] = [
    "../../../../dev/null",
    "/proc/self/environ",
    "file:///dev/null",
    "' UNION SELECT 'AAAA' --",
    "x' OR '1'='1",
    "ec-1\r\nx-tenant: globex",
    "ec-1\u0000",
    "| sleep 5",
    "__proto__",
    "constructor",
    "*",
    "k".repeat(6_000),
    1,
    null,
    ["ec-1"],
    { kid: "ec-1" },
  ];
  return kids.flatMap((kid) => {
    const name = `kid ${JSON.stringify(kid).slice(0, 40)}`;
    return [
      refused(`${name}, an HMAC of nothing`, authenticated("", { alg: "HS256", kid }, claims)),
      refused(`${name}, a good signature`, signed(issuer.keys.ec.privateKey, { alg: "ES256", kid }, claims)),
    ];
  });
}
