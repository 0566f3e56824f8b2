import { serviceCaller } from "@forerun/runtime/caller";
import { SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { claimReader, claimSigner, claimVerifier } from "./claim.ts";

const KEY = Buffer.alloc(32, 1).toString("base64");
const CALLER = { tenant: "acme", subject: "u1", roles: ["user"] } as const;

describe("the caller's claim", () => {
  it("tells the other side who calls", async () => {
    const token = await claimSigner(KEY, "chat")(CALLER);
    expect(await claimVerifier(KEY)(token)).toEqual(CALLER);
  });

  it("carries a service that calls for itself", async () => {
    const token = await claimSigner(KEY, "router")(serviceCaller("router"));
    expect(await claimVerifier(KEY)(token)).toEqual(serviceCaller("router"));
  });

  it("carries a regulated tenant's queue class, and the service that signed", async () => {
    const caller = { ...CALLER, queue: "bank" };
    const token = await claimSigner(KEY, "chat")(caller);
    expect(await claimReader(KEY)(token)).toEqual({ caller, service: "chat" });
  });

  it("lives no longer than a minute", async () => {
    const token = await claimSigner(KEY, "chat")(CALLER);
    const { iat, exp } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    expect(exp - iat).toBeLessThanOrEqual(60);
  });

  it("is signed once for a caller and kept, and each caller has its own", async () => {
    const sign = claimSigner(KEY, "chat");
    const first = await sign(CALLER);
    expect(sign(CALLER)).toBe(first);
    expect(await sign({ ...CALLER, roles: ["user", "admin"] })).not.toBe(first);
  });

  it("is verified once and then known", async () => {
    const verify = claimVerifier(KEY);
    const token = await claimSigner(KEY, "chat")(CALLER);
    expect(verify(token)).toBeInstanceOf(Promise);
    await verify(token);
    expect(verify(token)).toEqual(CALLER);
  });

  it("is worth nothing under another key", async () => {
    const token = await claimSigner(Buffer.alloc(32, 2).toString("base64"), "chat")(CALLER);
    expect(await claimVerifier(KEY)(token)).toBeUndefined();
  });

  const good = {
    tenant: "acme",
    roles: ["user"],
    sub: "u1",
    iss: "forerun",
    aud: "forerun",
    service: "chat",
  };
  it.each([
    ["no tenant", { ...good, tenant: undefined }],
    ["a tenant that is a pattern", { ...good, tenant: "*" }],
    ["no subject", { ...good, sub: undefined }],
    ["a role that does not exist", { ...good, roles: ["root"] }],
    ["no service that signed it", { ...good, service: undefined }],
    ["a queue class that is a pattern", { ...good, queue: ">" }],
    ["another audience", { ...good, aud: "elsewhere" }],
    ["another issuer", { ...good, iss: "elsewhere" }],
    ["no end", { ...good, exp: undefined }],
    ["an end that has passed", { ...good, exp: Math.floor(Date.now() / 1000) - 30 }],
  ])("is refused with %s", async (_, claims) => {
    const now = Math.floor(Date.now() / 1000);
    const payload = Object.fromEntries(
      Object.entries({ iat: now, exp: now + 30, ...claims }).filter(([, value]) => value !== undefined),
    );
    const token = await new SignJWT(payload)
      .setProtectedHeader({ alg: "HS256" })
      .sign(Buffer.from(KEY, "base64"));
    expect(await claimVerifier(KEY)(token)).toBeUndefined();
  });

  it.each(["", "a.b.c", "x".repeat(10_000), "eyJhbGciOiJub25lIn0.e30."])(
    "is refused when it is no token: %.20s",
    async (text) => {
      expect(await claimVerifier(KEY)(text)).toBeUndefined();
    },
  );
});
