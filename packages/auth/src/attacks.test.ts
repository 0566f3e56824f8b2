import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { attackTokens } from "@forerun/testing/tokens/attack-tokens";
import { testIssuer } from "@forerun/testing/tokens/test-issuer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bearerToken } from "./bearer.ts";
import { readKeySet } from "./key-set.ts";
import { tokenVerifier } from "./token-verifier.ts";

describe("attack tokens", () => {
  let asked = 0;
  const sink = createServer((_, response) => {
    asked += 1;
    response.end("{}");
  });
  beforeAll(() => new Promise<void>((resolve) => sink.listen(0, "127.0.0.1", resolve)));
  afterAll(() => new Promise((resolve) => sink.close(resolve)));

  it("are refused, the good ones among them taken, and none of them sends anybody anywhere", async () => {
    const issuer = testIssuer();
    const keys = await readKeySet(issuer.jwks);
    const jwks = { current: () => keys, refreshed: async () => keys };
    const verify = tokenVerifier({ ...issuer, jwks });
    const cases = attackTokens(issuer, `http://127.0.0.1:${(sink.address() as AddressInfo).port}`);
    const wrong: string[] = [];
    for (const { name, authorization, accept } of cases) {
      const token = bearerToken(authorization);
      const caller = token === undefined ? undefined : await verify(token);
      if ((caller !== undefined) !== accept) wrong.push(name);
    }
    expect(wrong).toEqual([]);
    expect(cases.length).toBeGreaterThan(300);
    expect(asked).toBe(0);
  });
});
