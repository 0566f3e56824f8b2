import { signed } from "./jws.ts";
import type { TestIssuer } from "./test-issuer.ts";
import { accepted, goodClaims, goodHeader, issued, type TokenCase } from "./token-case.ts";

/** Tokens that every door must take. */
export function goodTokens(issuer: TestIssuer): TokenCase[] {
  const good = goodClaims(issuer);
  const now = Math.floor(Date.now() / 1000);
  const byEachKey = Object.values(issuer.keys).map(({ algorithm, kid, privateKey }) =>
    accepted(`good: ${algorithm} by ${kid}`, signed(privateKey, { alg: algorithm, kid }, good)),
  );
  const claims = {
    "a list of audiences with ours": { aud: ["elsewhere", issuer.audience] },
    "a list of ours alone": { aud: [issuer.audience] },
    "ended within the skew": { exp: now - 30 },
    "issued within the skew": { iat: now + 30 },
    "begins within the skew": { nbf: now + 30 },
    "several roles": { roles: ["user", "operator", "admin"] },
    "no roles": { roles: undefined },
    "the queue class of all": { queue: "default" },
    "the longest tenant": { tenant: `a${"-".repeat(61)}9` },
    "the shortest tenant": { tenant: "0" },
    "claims of others": { email: "u1@example.org", realm_access: { roles: ["root"] } },
    "a subject of many scripts": { sub: "użytkownik|ユーザー" },
    "times in fractions": { iat: now - 1.5, exp: now + 600.25 },
  };
  const varied = Object.entries(claims).map(([name, change]) =>
    accepted(`good: ${name}`, issued(issuer, { ...good, ...change })),
  );
  const noName = accepted("good: no kid", issued(issuer, good, { alg: "ES256" }));
  const typed = accepted("good: at+jwt", issued(issuer, good, { ...goodHeader(issuer), typ: "at+jwt" }));
  const lower = {
    ...typed,
    name: "good: the scheme in lower case",
    authorization: [`bearer ${typed.token}`],
  };
  return [...byEachKey, ...varied, noName, typed, lower];
}
