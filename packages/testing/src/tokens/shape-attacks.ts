import { encode } from "./jws.ts";
import type { TestIssuer } from "./test-issuer.ts";
import { goodClaims, goodHeader, issued, refused, type TokenCase } from "./token-case.ts";

/** Texts that are no tokens, or are one in two readings, and headers around good ones. */
export function shapeAttacks(issuer: TestIssuer): TokenCase[] {
  return [...texts(issuer), ...readTwice(issuer), ...extended(issuer), ...headers(issuer)];
}

function texts(issuer: TestIssuer): TokenCase[] {
  const good = issued(issuer, goodClaims(issuer));
  const [head = "", payload = "", signature = ""] = good.split(".");
  const flattened = JSON.stringify({ protected: head, payload, signature });
  const broken: Readonly<Record<string, string>> = {
    "one part": head,
    "two parts": `${head}.${payload}`,
    "four parts": `${good}.${signature}`,
    "five parts, as of a JWE": `${good}.${signature}.${signature}`,
    "dots alone": "..",
    "a dot in front": `.${good}`,
    "a dot behind": `${good}.`,
    "no header": `.${payload}.${signature}`,
    "no payload": `${head}..${signature}`,
    "no signature": `${head}.${payload}.`,
    padding: `${good}==`,
    "padding inside": `${head}=.${payload}.${signature}`,
    "a blank inside": `${head}. ${payload}.${signature}`,
    "a comma behind": `${good},${good}`,
    "the alphabet of base64": `${head}.${payload}.${signature.replace(/[-_]/g, "").slice(2)}++`,
    "a percent sign": `${head}.${payload}.${signature}%41`,
    "stray bits in the signature": `${head}.${payload}.${strayBits(signature)}`,
    "a signature cut short": good.slice(0, -4),
    "a signature and more": `${good}AAAA`,
    "another payload": `${head}.${encode({ ...goodClaims(issuer), tenant: "globex" })}.${signature}`,
    "another header": `${encode({ ...goodHeader(issuer), typ: "JOSE" })}.${payload}.${signature}`,
    flattened,
    general: JSON.stringify({ payload, signatures: [{ protected: head, signature }] }),
    nested: issued(issuer, good, { ...goodHeader(issuer), cty: "JWT" }),
    "longer than any token": `${head}.${payload}${"A".repeat(9_000)}.${signature}`,
    "no JSON": issued(issuer, "tenant=acme"),
    "a list": issued(issuer, JSON.stringify([goodClaims(issuer)])),
    "a number": issued(issuer, "1"),
    null: issued(issuer, "null"),
    "JSON and more": issued(issuer, `${JSON.stringify(goodClaims(issuer))}{}`),
    "a mark before the JSON": issued(issuer, `\ufeff${JSON.stringify(goodClaims(issuer))}`),
    "deep nesting": issued(issuer, `${'{"a":'.repeat(800)}1${"}".repeat(800)}`),
    "a header that is no JSON": issued(issuer, goodClaims(issuer), "alg=ES256"),
    "a header that is a list": issued(issuer, goodClaims(issuer), '["ES256"]'),
  };
  return Object.entries(broken).map(([name, token]) => refused(`shape: ${name}`, token));
}

/** The same bytes, spelt another way: the last character holds bits that decoders throw away. */
function strayBits(signature: string): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const last = letters.indexOf(signature.at(-1) ?? "");
  return signature.slice(0, -1) + letters[last + 1];
}

/** Objects that name a member twice: of two parsers one may see the first and the other the last. */
function readTwice(issuer: TestIssuer): TokenCase[] {
  const claims = JSON.stringify(goodClaims(issuer)).slice(1);
  const header = JSON.stringify(goodHeader(issuer)).slice(1);
  return [
    refused("twice: tenant", issued(issuer, `{"tenant":"globex",${claims}`)),
    refused("twice: tenant, spelt with an escape", issued(issuer, `{"t\\u0065nant":"globex",${claims}`)),
    refused("twice: exp", issued(issuer, `{"exp":1,${claims}`)),
    refused("twice: alg", issued(issuer, goodClaims(issuer), `{"alg":"none",${header}`)),
    refused("twice: kid", issued(issuer, goodClaims(issuer), `{"kid":"rsa-1",${header}`)),
  ];
}

/** Extensions that nobody here understands. */
function extended(issuer: TestIssuer): TokenCase[] {
  const crits = [
    { crit: ["exp"], exp: 1 },
    { crit: ["b64"], b64: false },
    { crit: ["b64"], b64: true },
    { crit: [] },
    { crit: "b64" },
  ];
  return [...crits, { crit: ["x"], x: null }, { crit: null }].map((extension) =>
    refused(
      `extension ${JSON.stringify(extension)}`,
      issued(issuer, goodClaims(issuer), { ...goodHeader(issuer), ...extension }),
    ),
  );
}

function headers(issuer: TestIssuer): TokenCase[] {
  const good = issued(issuer, goodClaims(issuer));
  const around: Readonly<Record<string, readonly string[]>> = {
    none: [],
    "an empty one": [""],
    "a scheme alone": ["Bearer"],
    "a blank token": ["Bearer  "],
    "the token alone": [good],
    "another scheme": [`Basic ${good}`],
    "a scheme like ours": [`Bearers ${good}`],
    "two tokens": [`Bearer ${good} ${good}`],
    "a list": [`Bearer ${good}, Bearer ${good}`],
    "two headers, equal": [`Bearer ${good}`, `Bearer ${good}`],
    "two headers, a good one first": [`Bearer ${good}`, "Bearer x.y.z"],
    "two headers, a good one last": ["Bearer x.y.z", `Bearer ${good}`],
    quoted: [`Bearer "${good}"`],
    "a parameter": [`Bearer token=${good}`],
  };
  return Object.entries(around).map(([name, authorization]) => ({
    name: `headers: ${name}`,
    authorization,
    accept: false,
  }));
}
