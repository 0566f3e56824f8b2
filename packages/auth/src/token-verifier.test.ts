import { describe, expect, it } from "vitest";
import { ALGORITHMS } from "./algorithms.ts";
import { EXPECTED, goodClaims, signingKey } from "./fixtures/issuer.ts";
import { readKeySet } from "./key-set.ts";
import type { KeySource } from "./key-source.ts";
import { tokenVerifier } from "./token-verifier.ts";

const NOW = 1_800_000_000;
const clock = () => NOW * 1000;

/** A source that the test turns, and how often it was asked to look again. */
async function sourceOf(jwk: object) {
  const state = { set: await readKeySet(JSON.stringify({ keys: [jwk] })), looks: 0 };
  const source: KeySource = {
    current: () => state.set,
    async refreshed() {
      state.looks += 1;
      return state.set;
    },
  };
  const turn = async (next: object) => {
    state.set = await readKeySet(JSON.stringify({ keys: [next] }));
  };
  return { ...source, turn, looks: () => state.looks };
}

const key = await signingKey("ES256", "k1");
const jwks = await sourceOf(key.jwk);
const verify = tokenVerifier({ ...EXPECTED, jwks, now: clock });

describe("a token", () => {
  it.each(ALGORITHMS)("by %s tells its caller", async (algorithm) => {
    const signer = await signingKey(algorithm, "k");
    const check = tokenVerifier({ ...EXPECTED, jwks: await sourceOf(signer.jwk), now: clock });
    const token = await signer.sign({ ...goodClaims(NOW), roles: ["user", "admin"], queue: "bank" });
    expect(await check(token)).toEqual({
      tenant: "acme",
      subject: "u1",
      roles: ["user", "admin"],
      queue: "bank",
    });
  });

  it("makes a user where it names no roles", async () => {
    expect(await verify(await key.sign(goodClaims(NOW)))).toEqual({
      tenant: "acme",
      subject: "u1",
      roles: ["user"],
    });
  });

  it("may leave its key's name out", async () => {
    expect(await verify(await key.sign(goodClaims(NOW), { kid: undefined }))).toBeDefined();
  });

  it("is verified once, and then known until it ends", async () => {
    let now = clock();
    const check = tokenVerifier({ ...EXPECTED, jwks, now: () => now });
    const token = await key.sign(goodClaims(NOW));
    await check(token);
    expect(check(token)).toEqual(await verify(token));
    now += 360_000;
    expect(await check(token)).toBeUndefined();
  });

  it("is worth nothing once its key is withdrawn, known or not", async () => {
    const next = await signingKey("ES256", "k2");
    const turning = await sourceOf(key.jwk);
    const check = tokenVerifier({ ...EXPECTED, jwks: turning, now: clock });
    const token = await key.sign(goodClaims(NOW));
    expect(await check(token)).toBeDefined();
    await turning.turn(next.jwk);
    expect(await check(token)).toBeUndefined();
    expect(await check(await next.sign(goodClaims(NOW)))).toBeDefined();
  });

  it("makes nobody look for keys unless it would be good with one of them", async () => {
    const source = await sourceOf(key.jwk);
    const check = tokenVerifier({ ...EXPECTED, jwks: source, now: clock });
    const stranger = await signingKey("ES256", "k9");
    for (const claims of [{ iss: "https://elsewhere.test" }, { exp: NOW - 90 }, { tenant: "*" }])
      expect(await check(await stranger.sign({ ...goodClaims(NOW), ...claims }))).toBeUndefined();
    expect(source.looks()).toBe(0);
    await check(await stranger.sign(goodClaims(NOW)));
    expect(source.looks()).toBe(1);
  });
});

describe("the clocks", () => {
  it.each([
    ["exp", -59, true],
    ["exp", -60, false],
    ["iat", 60, true],
    ["iat", 61, false],
    ["nbf", 60, true],
    ["nbf", 61, false],
  ])("may be a minute apart: %s %i s from now", async (claim, offset, good) => {
    const token = await key.sign({ ...goodClaims(NOW), [claim]: NOW + offset });
    expect((await verify(token)) !== undefined).toBe(good);
  });
});
