import { type Caller, LOCAL_CALLER } from "@forerun/runtime/caller";
import { describe, expect, it } from "vitest";
import { Meter } from "./meter.ts";
import { SharedLedger } from "./shared-ledger.ts";
import { tenantPlace } from "./tenant-place.ts";

const of = (tenant: string): Caller => ({ ...LOCAL_CALLER, tenant });
const metersOf = (tenant: string): Meter[] =>
  Meter.of(of(tenant), { kind: "tenant" }, { tokens: 10, period: 60_000 });

describe("a place of quotas", () => {
  it("is another one for each tenant", () => {
    const places = ["acme", "globex", "acme"].map((tenant) => tenantPlace("fr:", metersOf(tenant)));
    expect(places[0]).toBe(places[2]);
    expect(places[0]).not.toBe(places[1]);
  });

  it("is refused for no tenant, and for two", () => {
    expect(() => tenantPlace("fr:", [])).toThrow(TypeError);
    expect(() => tenantPlace("fr:", [...metersOf("acme"), ...metersOf("globex")])).toThrow(TypeError);
  });

  it.each(["", "*", "Acme", "a:b"])("has no meter of the tenant %j", (tenant) => {
    expect(() => metersOf(tenant)).toThrow(TypeError);
  });
});

describe("the shared ledger", () => {
  it("asks Redis under its tenant's keys alone, and not at all for a turn without limits", async () => {
    const asked: (readonly string[])[] = [];
    const nothing = { kind: "held" as const, grants: [] };
    await using ledger = new SharedLedger({
      redis: {
        run: async (_, keys) => {
          asked.push(keys);
          return ["held", 0, 1, 9];
        },
      },
      prefix: "fr:",
      record: { usedSince: async () => 0, processes: async () => 1 },
      local: { reserve: async () => nothing, settle: async () => {}, look: async () => [] },
      now: () => 0,
      observe() {},
      holdMs: 60_000,
    });
    for (const tenant of ["acme", "globex"]) {
      const shares = metersOf(tenant).map((meter) => ({ meter, spent: 0, want: 1, least: 1 }));
      await ledger.reserve({ hold: tenant, shares });
      const place = tenantPlace("fr:", metersOf(tenant));
      const keys = asked.pop() ?? [];
      expect(keys.length).toBeGreaterThan(3);
      expect(keys.filter((key) => !key.startsWith(place))).toEqual([]);
    }
    expect(await ledger.reserve({ hold: "free", shares: [] })).toEqual(nothing);
    expect(asked).toEqual([]);
  });
});
