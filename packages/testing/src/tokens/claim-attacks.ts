import type { Json } from "./jws.ts";
import type { TestIssuer } from "./test-issuer.ts";
import { goodClaims, issued, refused, type TokenCase } from "./token-case.ts";

const NOT_TEXT = [null, 0, 1, true, [], {}, [["acme"]], { $ne: "" }];
const NOT_TIME = [null, "", "1999999999", "never", true, [], {}, -1];

const TENANTS = [
  ..."*>.:/\\?#%&'\"`;|$~_ ",
  "",
  "acme.>",
  "acme.*",
  "acme:globex",
  "acme/../globex",
  "acme globex",
  "acme,globex",
  "acme\r\nx-tenant: globex",
  "acme\n",
  "acme\u0000",
  "\tacme",
  " acme",
  "acme ",
  "-acme",
  "ACME",
  "Acme",
  "аcme",
  "ａｃｍｅ",
  "acmé",
  "acme\u200b",
  "\u202eemca",
  "acme%00",
  "%61cme",
  "a".repeat(64),
  "a".repeat(5_000),
  "{{tenant}}",
  "__proto__",
  "local' OR '1'='1",
];

/** Tokens that the issuer has truly signed, and that say what no token may. */
export function claimAttacks(issuer: TestIssuer): TokenCase[] {
  const good = goodClaims(issuer);
  const now = Math.floor(Date.now() / 1000);
  const attack = (change: Json) => {
    const [[claim, value] = ["", ""]] = Object.entries(change);
    const shown = JSON.stringify(value)?.slice(0, 60) ?? "left out";
    return refused(`${claim} ${shown}`, issued(issuer, { ...good, ...change }));
  };
  const each = (claim: string, values: readonly unknown[]) =>
    values.map((value) => attack({ [claim]: value }));
  const { issuer: iss, audience: aud } = issuer;
  const required = ["iss", "aud", "sub", "exp", "iat", "tenant"].map((claim) =>
    attack({ [claim]: undefined }),
  );
  return [
    ...required,
    ...each("iss", [
      ...NOT_TEXT,
      "",
      `${iss}/`,
      iss.toUpperCase(),
      ` ${iss}`,
      `${iss}.evil.example`,
      [iss],
      "forerun",
    ]),
    ...each("aud", [
      ...NOT_TEXT,
      "",
      `${aud} `,
      aud.toUpperCase(),
      "elsewhere",
      ["elsewhere"],
      [[aud]],
      [null],
      { 0: aud },
    ]),
    ...each("sub", [...NOT_TEXT, "", "u1\n", "u1\u0000", "\ud800", "u".repeat(256)]),
    ...each("exp", [...NOT_TIME, 0, now - 61, now - 3_600]),
    ...each("iat", [...NOT_TIME, now + 120, 1e18]),
    ...each("nbf", [...NOT_TIME, now + 120, 1e18]),
    ...each("tenant", [...NOT_TEXT, ["acme"], ["acme", "globex"], ...TENANTS]),
    ...each("roles", [
      "user",
      "admin",
      null,
      1,
      {},
      ["service"],
      ["user", "service"],
      ["root"],
      ["User"],
      [null],
      [["user"]],
    ]),
    ...each("queue", [...NOT_TEXT, "", "*", ">", "a.b", "BANK", "a b", "q".repeat(65), "a\r\nb"]),
  ];
}
