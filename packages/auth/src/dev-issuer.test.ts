import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { devJwks, openDevIssuer } from "./dev-issuer.ts";

describe("the development issuer", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "forerun-issuer-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("has one key, however many open it at once, and its owner alone reads it", async () => {
    const issuers = await Promise.all(Array.from({ length: 5 }, () => openDevIssuer(folder)));
    const sets = await Promise.all(issuers.map(({ jwksFile }) => readFile(jwksFile, "utf8")));
    expect(new Set(sets).size).toBe(1);
    expect((await stat(issuers[0]?.keyFile ?? "")).mode & 0o777).toBe(0o600);
  });

  it("shows its public key alone", async () => {
    const { keys } = JSON.parse(await devJwks(folder)) as { keys: object[] };
    expect(keys).toMatchObject([{ kty: "EC", alg: "ES256" }]);
    expect(keys[0]).not.toHaveProperty("d");
  });
});
