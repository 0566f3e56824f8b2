import { skipWithoutData } from "@forerun/testing/skip-without";
import { type JwsVector, jwsVectors, WYCHEPROOF } from "@forerun/testing/tokens/wycheproof";
import { expect, it } from "vitest";
import { ALGORITHMS } from "./algorithms.ts";
import { readKeySet } from "./key-set.ts";
import { fittingKeys, readHeader, signedByOneOf } from "./signature.ts";
import { hasTokenShape } from "./token-shape.ts";

skipWithoutData(WYCHEPROOF)("Wycheproof's signatures and keys", () => {
  it("are judged right: what is valid by an algorithm of ours holds, and nothing else does", async () => {
    const vectors = jwsVectors();
    const wrong: string[] = [];
    for (const vector of vectors) if ((await holds(vector)) !== expected(vector)) wrong.push(vector.name);
    expect(wrong).toEqual([]);
    expect(vectors.length).toBeGreaterThan(400);
    expect(vectors.filter(expected).length).toBeGreaterThanOrEqual(10);
  });
});

async function holds({ jws, jwks }: JwsVector): Promise<boolean> {
  const keys = await readKeySet(jwks).catch(() => []);
  const header = hasTokenShape(jws) ? readHeader(jws) : undefined;
  return header !== undefined && signedByOneOf(fittingKeys(keys, header), jws);
}

/** An empty payload has no claims: a token with one is no token. */
function expected({ jws, valid }: JwsVector): boolean {
  const [head = "", payload] = jws.split(".");
  if (!valid || !payload) return false;
  const { alg } = JSON.parse(Buffer.from(head, "base64url").toString()) as { alg: string };
  return ALGORITHMS.some((ours) => ours === alg);
}
