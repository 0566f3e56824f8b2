/** Every method of every service, for callers whom nothing proves, and whatever their headers say. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code } from "@connectrpc/connect";
import { ACCESS } from "@forerun/auth/access";
import { startPostgres } from "@forerun/components/postgres";
import { type Caller, TOKEN_ROLES } from "@forerun/runtime/caller";
import { DisposalStack } from "@forerun/runtime/disposal";
import { skipWithout } from "@forerun/testing/skip-without";
import { SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Doors, openDoors } from "./support/caller-at-a-door.ts";
import { KEY, startFiveServices } from "./support/five-services.ts";

const ACME: Caller = { tenant: "acme", subject: "u1", roles: ["admin"] };
const CLAIM = { tenant: "acme", roles: ["admin"], service: "chat" };
const BYTES = Buffer.from(KEY, "base64");

const signed = (claim: object) =>
  new SignJWT({ ...claim })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject("u1")
    .setIssuer("forerun")
    .setAudience("forerun")
    .setIssuedAt();

/** Claims that nobody may believe. */
async function forgeries(): Promise<Record<string, string>> {
  return {
    empty: "",
    words: "acme",
    json: JSON.stringify(ACME),
    "no signature": new UnsecuredJWT({ ...CLAIM, sub: "u1", iss: "forerun", aud: "forerun" })
      .setIssuedAt()
      .setExpirationTime("60s")
      .encode(),
    "another key": await signed(CLAIM).setExpirationTime("60s").sign(new Uint8Array(32)),
    "over long ago": await signed(CLAIM).setExpirationTime("-1h").sign(BYTES),
    "for ever": await signed(CLAIM).sign(BYTES),
    "a year": await signed(CLAIM).setIssuedAt(0).setExpirationTime("365d").sign(BYTES),
    "another audience": await signed(CLAIM).setAudience("elsewhere").setExpirationTime("60s").sign(BYTES),
    "no tenant": await signed({ roles: ["user"] })
      .setExpirationTime("60s")
      .sign(BYTES),
    ...Object.fromEntries(
      await Promise.all(
        ["", "*", ">", "acme.x", "acme:x", "ACME", "a\r\nb"].map(async (tenant) => [
          `tenant ${JSON.stringify(tenant)}`,
          await signed({ ...CLAIM, tenant })
            .setExpirationTime("60s")
            .sign(BYTES),
        ]),
      ),
    ),
  };
}

skipWithout("postgres")("the doors of the services", () => {
  const stack = new DisposalStack();
  let doors: Doors;

  beforeAll(async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "forerun-callers-"));
    stack.defer(() => rm(dataDir, { recursive: true, force: true }));
    const { url } = stack.use(await startPostgres());
    const services = stack.use(await startFiveServices(url, dataDir));
    doors = openDoors(services);
    stack.defer(() => doors[Symbol.dispose]());
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  it("refuse every method to whom nothing proves, in the same words", async () => {
    const named = { "x-tenant-id": "acme", "x-forerun-tenant": "acme", "forerun-tenant": "acme" };
    const told: Record<string, string>[] = [{}, named];
    for (const proof of Object.values(await forgeries())) {
      told.push({ ...named, "forerun-caller": proof }, { ...named, authorization: `Bearer ${proof}` });
    }
    const words = new Set<string>();
    for (const way of doors.ways) {
      const heard = await Promise.all(told.map((headers) => doors.call(way, {}, { headers })));
      for (const { code, text } of heard) {
        expect({ name: way.name, code }).toEqual({ name: way.name, code: Code.Unauthenticated });
        words.add(text);
      }
    }
    expect(words.size).toBe(1);
  });

  it("let nobody do what their roles do not allow", async () => {
    for (const way of doors.ways.filter(({ door }) => door === "people")) {
      const allowed = ACCESS[way.service.typeName]?.[way.method.name]?.roles ?? [];
      for (const role of TOKEN_ROLES) {
        const { code } = await doors.call(way, {}, { caller: { ...ACME, roles: [role] } });
        expect([way.name, role, code === Code.PermissionDenied]).toEqual([
          way.name,
          role,
          !allowed.includes(role),
        ]);
      }
    }
  });

  it("let no service do what it need not", async () => {
    for (const way of doors.ways.filter(({ door }) => door === "services")) {
      const allowed = ACCESS[way.service.typeName]?.[way.method.name]?.services ?? [];
      for (const service of ["chat", "router", "tool-executor", "answer", "memory"] as const) {
        const claim = await signed({ ...CLAIM, service })
          .setExpirationTime("60s")
          .sign(BYTES);
        const { code } = await doors.call(way, {}, { headers: { "forerun-caller": claim } });
        expect([way.name, service, code === Code.PermissionDenied]).toEqual([
          way.name,
          service,
          !allowed.includes(service),
        ]);
      }
    }
  });

  it("believe a good claim, but not where people come in", async () => {
    const claim = await signed(CLAIM).setExpirationTime("60s").sign(BYTES);
    const ways = doors.ways.filter(({ name }) => name.endsWith("/ListTools"));
    const codes = ways.map(async (way) => {
      const { code } = await doors.call(way, {}, { headers: { "forerun-caller": claim } });
      return [way.door, code] as const;
    });
    expect(Object.fromEntries(await Promise.all(codes))).toEqual({
      people: Code.Unauthenticated,
      services: undefined,
    });
  });
});
