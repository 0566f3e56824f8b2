/** Starts whose tokens nobody could verify are refused, and tokens for development come out as they go in. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { testIssuer } from "@forerun/testing/tokens/test-issuer";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { runForerun } from "./support/forerun-process.ts";
import { inPool } from "./support/in-pool.ts";
import { scenario } from "./support/scenario.ts";
import { scratchFolder } from "./support/scratch-folder.ts";

const FREE = { PORT: "0", GRPC_PORT: "0", METRICS_ADDR: "127.0.0.1:0" };
const ACME = ["--tenant", "acme", "--sub", "u1"];
const AT_ONCE = 3;
const SLOW_MS = 120_000;

let folder: Awaited<ReturnType<typeof scratchFolder>>;

beforeAll(async () => {
  folder = await scratchFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

describe("AUTH=jwt", () => {
  const issuer = testIssuer();

  async function refusal(env: Record<string, string>): Promise<{ code: string | undefined; stderr: string }> {
    const place = { ...FREE, DATA_DIR: join(folder.path, "data"), AUTH: "jwt" };
    const { code, stdout, stderr } = await runForerun(["start"], { ...place, ...env });
    expect([code, stdout]).toEqual([3, ""]);
    return { code: /^✖ (FR-E\d{4})/m.exec(stderr)?.[1], stderr };
  }

  scenario(
    "auth.start",
    async () => {
      const file = async (name: string, text: string) => {
        await writeFile(join(folder.path, name), text);
        return join(folder.path, name);
      };
      const jwks = await file("jwks.json", issuer.jwks);
      const from = { JWT_ISSUER: issuer.issuer };
      const secret = { ...issuer.keys.ec.privateKey.export({ format: "jwk" }), kid: "k1" };
      const missing = join(folder.path, "nowhere.json");
      const starts: [env: Record<string, string>, code: string, says: RegExp][] = [
        [{ JWKS: jwks }, "FR-E1203", /JWT_ISSUER/],
        [from, "FR-E1203", /JWKS/],
        [{ ...from, JWKS: missing }, "FR-E1006", /nowhere\.json cannot be read/],
        [{ ...from, JWKS: await file("none.json", '{"keys":[]}') }, "FR-E1006", /holds no public key/],
        [
          { ...from, JWKS: await file("secret.json", JSON.stringify({ keys: [secret] })) },
          "FR-E1006",
          /is secret/,
        ],
        [{ JWT_ISSUER: "forerun-dev", NODE_ENV: "production" }, "FR-E1005", /NODE_ENV=production/],
        [{ AUTH: "off", HOST: "0.0.0.0" }, "FR-E1002", /AUTH=jwt/],
      ];
      await inPool(starts, AT_ONCE, async ([env, code, says]) => {
        const told = await refusal(env);
        expect.soft(told).toEqual({ code, stderr: expect.stringMatching(says) });
        expect.soft(told.stderr).not.toContain(String(secret.d));
      });
    },
    SLOW_MS,
  );
});

describe("forerun token mint", () => {
  scenario(
    "auth.mint",
    async () => {
      const env = { DATA_DIR: join(folder.path, "minted") };
      const mint = (...args: string[]) => runForerun(["token", "mint", ...args], env);
      const { code, stdout, stderr } = await mint(...ACME, "--roles", "operator,admin", "--ttl", "15m");
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
      const claims = JSON.parse(Buffer.from(stdout.split(".")[1] ?? "", "base64url").toString());
      expect(claims).toMatchObject({
        iss: "forerun-dev",
        tenant: "acme",
        sub: "u1",
        roles: ["operator", "admin"],
      });
      expect(claims.exp - claims.iat).toBe(900);
      const tenants = ["", "acme.>", "ACME", "a\nb", "a".repeat(64)];
      const bad = [
        ...tenants.map((tenant) => [`--tenant=${tenant}`, "--sub", "u1"]),
        [...ACME, "--roles", "service"],
        [...ACME, "--ttl", "soon"],
      ];
      await inPool(bad, AT_ONCE, async (args) => {
        const refused = await mint(...args);
        expect.soft([args, refused.code, refused.stdout]).toEqual([args, 2, ""]);
        expect.soft(refused.stderr).toContain("FR-E1801");
      });
      const inProduction = await runForerun(["token", "mint", ...ACME], { ...env, NODE_ENV: "production" });
      expect([inProduction.code, inProduction.stdout]).toEqual([3, ""]);
      expect(inProduction.stderr).toContain("FR-E1005");
    },
    SLOW_MS,
  );
});
