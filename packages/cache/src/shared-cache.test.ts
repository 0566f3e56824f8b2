import { type RunningRedis, startRedis } from "@forerun/components/redis";
import { startToxiproxy } from "@forerun/components/toxiproxy";
import { openRedis, type Redis } from "@forerun/redis/open-redis";
import type { Caller } from "@forerun/runtime/caller";
import { silentLogger } from "@forerun/runtime/logger";
import { createMetrics } from "@forerun/telemetry/metrics";
import { skipWithout } from "@forerun/testing/skip-without";
import type { Attributes, Meter } from "@opentelemetry/api";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { z } from "zod";
import type { Cache } from "./cache.ts";
import { CacheKey, type CacheKind } from "./cache-key.ts";
import { openCache } from "./open-cache.ts";

type Note = { text: string };

const NOTE: CacheKind<Note> = { name: "note", shape: z.object({ text: z.string() }) };
const TENANTS = ["acme", "other"];
const HOUR = { ttlMs: 3_600_000 };

const caller = (tenant: string): Caller => ({ tenant, subject: "u1", roles: ["user"] });
const key = (id: number | string, tenant = "acme") => CacheKey.of(caller(tenant), NOTE, { id });

/** One process: its cache, its connection, and how its looks went. */
type Replica = { cache: Cache; redis: Redis; counts: Map<string, number> };

skipWithout("redis-server")("a cache that replicas share", () => {
  let server: RunningRedis;
  const opened: AsyncDisposable[] = [];
  const used = <T extends AsyncDisposable>(one: T): T => {
    opened.push(one);
    return one;
  };

  beforeEach(async () => {
    server = used(await startRedis());
  });
  afterEach(async () => {
    for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
  });

  const replica = async (port = server.port, timeoutMs = 2_000): Promise<Replica> => {
    const log = silentLogger;
    const url = `redis://127.0.0.1:${port}`;
    const redis = used(openRedis({ url, meter: createMetrics("test").meter, log, timeoutMs, restMs: 50 }));
    const counts = new Map<string, number>();
    const cache = used(
      openCache({ meter: countingIn(counts), shared: { texts: redis, prefix: "fr:test:" } }),
    );
    await vi.waitFor(() => expect(redis.up).toBe(true), 10_000);
    return { cache, redis, counts };
  };

  it("gives one what another made, with its age and its layer, to its own tenant alone", async () => {
    const [maker, finder] = [await replica(), await replica()];
    await maker.cache.keep(key(1), { text: "made once" }, { ...HOUR, ageMs: 5_000 });
    const found = await awaited(() => finder.cache.find(key(1)));
    expect(found).toMatchObject({ value: { text: "made once" }, reused: { layer: "l2" } });
    expect(found.reused.ageMs).toBeGreaterThanOrEqual(5_000);
    expect(await finder.cache.find(key(1, "other"))).toBeUndefined();
    // From now on it is near.
    expect((await finder.cache.find(key(1)))?.reused.layer).toBe("l1");
    expect(finder.counts.get("l2 hit")).toBe(1);
  });

  it("gives nothing that is older than its maker allows", async () => {
    const [maker, finder] = [await replica(), await replica()];
    await maker.cache.keep(key(1), { text: "soon gone" }, { ttlMs: 2_000 });
    await awaited(() => finder.cache.find(key(1)));
    await vi.waitFor(async () => expect(await finder.cache.find(key(1))).toBeUndefined(), 10_000);
  });

  it.each<[string, (redis: Redis, at: string, foreign: string) => Promise<unknown>]>([
    ["no JSON", (redis, at) => redis.set(at, "{", 60_000)],
    ["no entry", (redis, at) => redis.set(at, '{"value":{"text":"x"}}', 60_000)],
    ["another shape", (redis, at) => redis.set(at, entry(key(1).text, { words: 7 }), 60_000)],
    ["another tenant's entry", (redis, at, foreign) => redis.set(at, foreign, 60_000)],
  ])("takes %s under its key for nothing", async (_, spoil) => {
    const { cache, redis, counts } = await replica();
    const foreign = entry(key(1, "other").text, { text: "a secret" });
    await spoil(redis, `fr:test:${key(1).text}`, foreign);
    expect(await cache.find(key(1))).toBeUndefined();
    expect(counts.get("l2 miss")).toBe(1);
  });

  it("refuses nobody and mixes no tenants while Redis dies, is empty and comes back: 2,000 looks", async () => {
    const replicas = [await replica(), await replica()];
    for (let round = 0; round < 5; round += 1) {
      await useHard(replicas, 200, round);
      server.process.kill("SIGKILL");
      await useHard(replicas, 200, round);
      server = used(await startRedis({ port: server.port }));
    }
    await vi.waitFor(() => expect(replicas.every(({ redis }) => redis.up)).toBe(true), 10_000);
    const [maker, finder] = replicas as [Replica, Replica];
    await maker.cache.keep(key("after"), { text: "acme after" }, HOUR);
    expect((await awaited(() => finder.cache.find(key("after")))).value.text).toBe("acme after");
  });

  it("keeps what it has near when Redis is gone", async () => {
    const { cache, redis } = await replica();
    await cache.keep(key(1), { text: "near" }, HOUR);
    await vi.waitFor(async () =>
      expect(await redis.get(`fr:test:${key(1).text}`)).toMatchObject({ kind: "found" }),
    );
    server.process.kill("SIGKILL");
    expect(await cache.find(key(1))).toMatchObject({ value: { text: "near" }, reused: { layer: "l1" } });
  });

  skipWithout("toxiproxy")("behind a line", () => {
    it("waits once for a line of two seconds, then for none, until the line is quick again", async () => {
      const toxiproxy = used(await startToxiproxy());
      const proxy = await toxiproxy.proxy(server.port);
      const [far, near] = [await replica(proxy.port, 100), await replica()];
      await near.cache.keep(key(1), { text: "made near" }, HOUR);
      await proxy.slow(2_000);
      const begun = performance.now();
      for (let id = 2; id < 60; id += 1) {
        expect(await far.cache.find(key(id))).toBeUndefined();
        await far.cache.keep(key(id), { text: "made far" }, HOUR);
        expect(await far.cache.find(key(id))).toMatchObject({ reused: { layer: "l1" } });
      }
      // Less than the first answer took.
      expect(performance.now() - begun).toBeLessThan(2_000);
      await proxy.restore();
      expect((await awaited(() => far.cache.find(key(1)))).value.text).toBe("made near");
    });
  });
});

/** Each looks for its tenant's notes and keeps what it does not find; every value says whose it is. */
async function useHard(replicas: readonly Replica[], looks: number, round: number): Promise<void> {
  await Promise.all(
    Array.from({ length: looks }, async (_, index) => {
      const { cache } = replicas[index % replicas.length] as Replica;
      const tenant = TENANTS[Math.floor(index / 2) % TENANTS.length] as string;
      const at = key(`${round}-${index % 20}`, tenant);
      const found = await cache.find(at);
      if (found) expect(found.value.text).toBe(`${tenant} ${round}-${index % 20}`);
      else await cache.keep(at, { text: `${tenant} ${round}-${index % 20}` }, HOUR);
    }),
  );
}

function entry(underKey: string, value: object): string {
  return JSON.stringify({ key: underKey, ageMs: 0, restMs: 60_000, value });
}

async function awaited<T>(look: () => Promise<T | undefined>): Promise<T> {
  return vi.waitFor(async () => {
    const found = await look();
    if (found === undefined) throw new Error("not there yet");
    return found;
  }, 5_000);
}

function countingIn(counts: Map<string, number>): Meter {
  const add = (_: number, { layer, result }: Attributes = {}) => {
    const name = `${layer} ${result}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  };
  return { createCounter: () => ({ add }) } as unknown as Meter;
}
