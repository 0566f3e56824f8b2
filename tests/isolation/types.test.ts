/** Keys and subjects come from the functions that ask for a tenant. The compiler judges most of this: `npm run check`. */
import type { Bus } from "@forerun/bus/bus";
import type { Subject, SubjectPattern } from "@forerun/bus/subject";
import { subjectsOf } from "@forerun/bus/subjects";
import type { Cache } from "@forerun/cache/cache";
import { CacheKey, type CacheKind, type KeyText } from "@forerun/cache/cache-key";
import type { Layer } from "@forerun/cache/layer";
import type { Database } from "@forerun/db/database";
import { type Caller, LOCAL_CALLER } from "@forerun/runtime/caller";
import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";

const KIND: CacheKind<number> = { name: "number", shape: z.number() };

describe("no plain text", () => {
  it("is a key of the cache, at any layer", () => {
    expectTypeOf<string>().not.toExtend<KeyText>();
    expectTypeOf<string>().not.toExtend<Parameters<Cache["find"]>[0]>();
    expectTypeOf<string>().not.toExtend<Parameters<Layer["find"]>[0]>();
    expectTypeOf(CacheKey.of<number>)
      .parameter(0)
      .toEqualTypeOf<Caller>();
    const [one, other] = ["acme", "globex"].map((tenant) =>
      CacheKey.of({ ...LOCAL_CALLER, tenant }, KIND, { same: 1 }),
    );
    expect(one?.text).not.toBe(other?.text);
  });

  it("is a subject of the bus", () => {
    expectTypeOf<string>().not.toExtend<Subject>();
    expectTypeOf<string>().not.toExtend<SubjectPattern>();
    expectTypeOf<string>().not.toExtend<Parameters<Bus["publish"]>[0]>();
    expectTypeOf<SubjectPattern>().not.toExtend<Parameters<Bus["publish"]>[0]>();
    const { live } = subjectsOf({ env: "dev", lane: "default" });
    expectTypeOf(live).parameters.toEqualTypeOf<[tenant: string, turn: string]>();
    for (const tenant of ["*", ">", "acme.*", "acme.>"])
      expect(live(tenant, "t1")).toMatch(/^fr\.dev\.live\.[A-Z2-7]+\.t1$/);
  });

  it("names the tenant of a transaction: a caller does", () => {
    expectTypeOf<Parameters<Database["tx"]>[0]>().toEqualTypeOf<Caller>();
    expectTypeOf<Parameters<Database["query"]>[0]>().toEqualTypeOf<Caller>();
    expectTypeOf<string>().not.toExtend<Caller>();
  });
});
