import { describe, expect, it } from "vitest";
import { signingKey } from "./fixtures/issuer.ts";
import { readKeySet } from "./key-set.ts";

const rsa = await signingKey("RS256", "rsa");
const ec = await signingKey("ES256", "ec");
const twin = await signingKey("ES256", "ec");

function read(...keys: object[]) {
  return readKeySet(JSON.stringify({ keys }));
}

describe("an issuer's keys", () => {
  it("are read with the algorithm that each is for", async () => {
    const keys = await read(rsa.jwk, ec.jwk, (await signingKey("EdDSA", "ed")).jwk);
    expect(keys.map(({ kid, algorithm }) => [kid, algorithm])).toEqual([
      ["rsa", "RS256"],
      ["ec", "ES256"],
      ["ed", "EdDSA"],
    ]);
  });

  it.each([
    ["encrypts", { use: "enc" }],
    ["is for another algorithm", { alg: "PS256" }],
    ["may not verify", { key_ops: ["encrypt"] }],
    ["is of a kind to come", { kty: "AKP" }],
  ])("are passed over where one %s", async (_, change) => {
    expect(await read({ ...rsa.jwk, ...change }, ec.jwk)).toHaveLength(1);
  });

  it.each([
    ["is symmetric", [{ kty: "oct", k: "c2VjcmV0", kid: "s" }, rsa.jwk], "secret"],
    ["is private", [ec.privateJwk, rsa.jwk], "secret"],
    ["is short", [{ kty: "RSA", n: rsa.jwk.n?.slice(0, 170), e: "AQAB" }], "weak"],
    ["has the exponent 1", [{ ...rsa.jwk, e: "AQ" }], "weak"],
    ["is no point of its curve", [{ ...ec.jwk, x: ec.jwk.y }], "no key"],
    ["has another's name", [ec.jwk, twin.jwk], "one kid"],
  ])("are all refused where one %s", async (_, keys, why) => {
    await expect(readKeySet(JSON.stringify({ keys }))).rejects.toThrow(why);
  });

  it.each(["", "{}", '{"keys":{}}', '{"keys":[]}', "[]", "null"])("are no such text: %s", async (text) => {
    await expect(readKeySet(text)).rejects.toMatchObject({ code: "FR-E1006" });
  });
});
