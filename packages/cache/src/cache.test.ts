import type { Caller } from "@forerun/runtime/caller";
import type { Attributes, Meter } from "@opentelemetry/api";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import type { Cache } from "./cache.ts";
import { CacheKey, type CacheKind, type KeyFields } from "./cache-key.ts";
import { type CacheOptions, openCache } from "./open-cache.ts";

const NOTE: CacheKind<{ text: string }> = { name: "note", shape: z.object({ text: z.string() }) };
const caller = (tenant: string, subject = "u1"): Caller => ({ tenant, subject, roles: ["user"] });
const key = (fields: KeyFields, tenant = "acme") => CacheKey.of(caller(tenant), NOTE, fields);

const opened: AsyncDisposable[] = [];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "performance", "setTimeout", "clearTimeout"] });
});

afterEach(async () => {
  vi.useRealTimers();
  for (const one of opened.splice(0)) await one[Symbol.asyncDispose]();
});

function cacheWith(options: Partial<CacheOptions> = {}): { cache: Cache; counts: string[] } {
  const counts: string[] = [];
  const add = (_: number, { kind, layer, result }: Attributes = {}) =>
    void counts.push(`${kind} ${layer} ${result}`);
  const meter = { createCounter: () => ({ add }) } as unknown as Meter;
  const cache = openCache({ meter, random: () => 0, ...options });
  opened.push(cache);
  return { cache, counts };
}

describe("a key", () => {
  it("is the same for the same fields in another order, and for every user of a tenant", () => {
    const one = key({ tool: "weather", arguments: { a: 1, b: [2] } });
    expect(
      CacheKey.of(caller("acme", "u2"), NOTE, { arguments: { b: [2], a: 1 }, tool: "weather" }).text,
    ).toBe(one.text);
  });

  it("is another one for another tenant, kind, field or value: 2,000 pairs", () => {
    const tenant = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,8}$/);
    const fields = fc.dictionary(fc.string({ maxLength: 6 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
    const other: CacheKind<unknown> = { name: "note2", shape: z.unknown() };
    fc.assert(
      fc.property(tenant, tenant, fields, fields, (one, two, these, those) => {
        const [left, right] = [JSON.parse(JSON.stringify(these)), JSON.parse(JSON.stringify(those))];
        const text = key(left, one).text;
        if (one !== two) expect(key(left, two).text).not.toBe(text);
        expect(CacheKey.of(caller(one), other, left).text).not.toBe(text);
        expect(key({ ...left, "an extra one": 1 }, one).text).not.toBe(text);
        expect(key({ inner: left }, one).text === key({ inner: right }, one).text).toBe(same(left, right));
      }),
      { numRuns: 2_000 },
    );
  });

  it("shows nothing of what it stands for", () => {
    expect(key({ question: "where does Ada live" }).text).toMatch(/^note:[\w-]{43}$/);
  });

  it.each(["", "Acme", "a b"])("is refused for the tenant %j", (tenant) => {
    expect(() => key({}, tenant)).toThrow(TypeError);
  });
});

function same(left: KeyFields, right: KeyFields): boolean {
  try {
    expect(left).toEqual(right);
    return true;
  } catch {
    return false;
  }
}

describe("what is kept", () => {
  it("is found again with its age, by its own tenant alone", async () => {
    const { cache } = cacheWith();
    await cache.keep(key({ id: 1 }), { text: "one" }, { ttlMs: 60_000 });
    vi.advanceTimersByTime(1_500);
    expect(await cache.find(key({ id: 1 }))).toEqual({
      value: { text: "one" },
      reused: { layer: "l1", ageMs: 1_500 },
    });
    expect(await cache.find(key({ id: 1 }, "other"))).toBeUndefined();
    expect(await cache.find(key({ id: 2 }))).toBeUndefined();
  });

  it("is a copy each time, so that nobody can change what others find", async () => {
    const { cache } = cacheWith();
    const kept = { text: "one" };
    await cache.keep(key({}), kept, { ttlMs: 60_000 });
    kept.text = "changed";
    const first = await cache.find(key({}));
    Object.assign(first?.value ?? {}, { text: "changed too" });
    expect((await cache.find(key({})))?.value.text).toBe("one");
  });

  it("is gone when its time is over, and counts the time since it was made", async () => {
    const { cache } = cacheWith();
    await cache.keep(key({}), { text: "x" }, { ttlMs: 1_000, ageMs: 400 });
    vi.advanceTimersByTime(599);
    expect((await cache.find(key({})))?.reused.ageMs).toBe(999);
    vi.advanceTimersByTime(1);
    expect(await cache.find(key({}))).toBeUndefined();
  });

  it.each([0, -1, Number.NaN])("with a time of %d is not kept at all", async (ttlMs) => {
    const { cache } = cacheWith();
    await cache.keep(key({}), { text: "x" }, { ttlMs });
    expect(await cache.find(key({}))).toBeUndefined();
  });

  it("at one moment ends apart, up to a tenth early", async () => {
    const draws = [0, 0.999];
    const { cache } = cacheWith({ random: () => draws.shift() ?? 0 });
    await cache.keep(key({ id: "late" }), { text: "x" }, { ttlMs: 1_000 });
    await cache.keep(key({ id: "early" }), { text: "x" }, { ttlMs: 1_000 });
    vi.advanceTimersByTime(950);
    expect(await cache.find(key({ id: "late" }))).toBeDefined();
    expect(await cache.find(key({ id: "early" }))).toBeUndefined();
  });

  it("of another shape is not given", async () => {
    const { cache } = cacheWith();
    await cache.keep(key({}), { words: 7 } as unknown as { text: string }, { ttlMs: 60_000 });
    expect(await cache.find(key({}))).toBeUndefined();
  });

  it("is counted by kind, layer and result", async () => {
    const { cache, counts } = cacheWith();
    await cache.find(key({}));
    await cache.keep(key({}), { text: "x" }, { ttlMs: 60_000 });
    await cache.find(key({}));
    expect(counts).toEqual(["note l1 miss", "note l1 hit"]);
  });
});

describe("room", () => {
  const found = async (cache: Cache, ids: number[]) => {
    const all = await Promise.all(ids.map((id) => cache.find(key({ id }))));
    return all.filter((one) => one !== undefined).length;
  };

  it("for so many entries is kept by giving up the one that was used longest ago", async () => {
    const { cache } = cacheWith({ maxEntries: 3 });
    for (const id of [1, 2, 3]) await cache.keep(key({ id }), { text: "x" }, { ttlMs: 60_000 });
    await cache.find(key({ id: 1 }));
    await cache.keep(key({ id: 4 }), { text: "x" }, { ttlMs: 60_000 });
    expect(await found(cache, [1, 3, 4])).toBe(3);
    expect(await cache.find(key({ id: 2 }))).toBeUndefined();
  });

  it("for so many bytes is kept too, and one that is too large is left out", async () => {
    const { cache } = cacheWith({ maxBytes: 64_000 });
    const ids = Array.from({ length: 100 }, (_, id) => id);
    for (const id of ids) await cache.keep(key({ id }), { text: "x".repeat(1_000) }, { ttlMs: 60_000 });
    expect(await found(cache, ids)).toBeLessThan(64);
    await cache.keep(key({ id: "large" }), { text: "x".repeat(3_000) }, { ttlMs: 60_000 });
    expect(await cache.find(key({ id: "large" }))).toBeUndefined();
  });
});
