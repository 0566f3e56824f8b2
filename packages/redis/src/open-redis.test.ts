import { type RunningRedis, startRedis } from "@forerun/components/redis";
import { silentLogger } from "@forerun/runtime/logger";
import { createMetrics } from "@forerun/telemetry/metrics";
import { skipWithout } from "@forerun/testing/skip-without";
import { Redis as Client } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { openRedis, type Redis, type RedisOptions } from "./open-redis.ts";
import { pingRedis } from "./ping.ts";

/** Long enough for a busy machine; what is to be slow is slower by far. */
const PATIENT = { timeoutMs: 2_000, restMs: 50 };

describe("a Redis that is not there", () => {
  it("is away at once, and refuses nobody", async () => {
    await using redis = open("redis://127.0.0.1:1", PATIENT);
    expect(await redis.get("k")).toEqual({ kind: "away" });
    expect(await redis.set("k", "v", 1_000)).toBe(false);
    expect(redis.up).toBe(false);
  });

  it("is said to be unreachable, and why", async () => {
    expect(await pingRedis("redis://127.0.0.1:1")).toEqual({
      kind: "unreachable",
      cause: expect.stringContaining("ECONNREFUSED"),
    });
  });
});

skipWithout("redis-server")("Redis", () => {
  let server: RunningRedis;
  let other: Client;
  const opened: AsyncDisposable[] = [];

  beforeAll(async () => {
    server = await startRedis();
    other = new Client(server.url);
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one[Symbol.asyncDispose]();
    await other.flushall();
  });
  afterAll(async () => {
    other.disconnect();
    await server[Symbol.asyncDispose]();
  });

  const connected = async (url = server.url, options: Partial<RedisOptions> = PATIENT) => {
    const redis = open(url, options);
    opened.push(redis);
    await until(redis, true);
    return redis;
  };

  it("keeps a text for all who ask, for as long as was said", async () => {
    const [one, two] = await Promise.all([connected(), connected()]);
    expect(await one.set("k", "what one knows", 60_000)).toBe(true);
    const found = await two.get("k");
    expect(found).toMatchObject({ kind: "found", text: "what one knows" });
    expect(found.kind === "found" && found.restMs).toBeGreaterThan(50_000);
    expect(await two.get("another")).toEqual({ kind: "nothing" });
  });

  it.each([
    ["another type", (key: string) => other.lpush(key, "v")],
    ["no end", (key: string) => other.set(key, "v")],
  ])("has nothing where it keeps something of %s", async (_, keep) => {
    const redis = await connected();
    await keep("k");
    expect(await redis.get("k")).toEqual({ kind: "nothing" });
    expect(redis.up).toBe(true);
  });

  it("tells its version", async () => {
    expect(await pingRedis(server.url)).toEqual({
      kind: "reached",
      version: expect.stringMatching(/^\d+\./),
    });
  });

  it("that only reads gives what it has and keeps nothing, until it writes again", async () => {
    const redis = await connected();
    await redis.set("k", "v", 60_000);
    await other.replicaof("127.0.0.1", 1);
    expect(await redis.set("k", "new", 60_000)).toBe(false);
    await vi.waitFor(async () => expect(await redis.get("k")).toMatchObject({ text: "v" }), 10_000);
    await other.replicaof("no", "one");
    await vi.waitFor(async () => expect(await redis.set("k", "new", 60_000)).toBe(true), 10_000);
  });

  it("that is killed is away, and is asked again when it is back", async () => {
    await using first = await startRedis();
    const redis = await connected(first.url);
    await redis.set("k", "v", 60_000);
    first.process.kill("SIGKILL");
    await until(redis, false);
    expect(await redis.get("k")).toEqual({ kind: "away" });
    await using _second = await startRedis({ port: first.port });
    await until(redis, true);
    expect(await redis.get("k")).toEqual({ kind: "nothing" });
  });

  it("that does not answer is waited for once, then left alone until it does", async () => {
    await using frozen = await startRedis();
    const redis = await connected(frozen.url, { timeoutMs: 200, restMs: 50 });
    frozen.process.kill("SIGSTOP");
    expect(await redis.get("k")).toEqual({ kind: "away" });
    expect(redis.up).toBe(false);
    frozen.process.kill("SIGCONT");
    await until(redis, true);
    expect(await redis.get("k")).toEqual({ kind: "nothing" });
  });
});

function open(url: string, options: Partial<RedisOptions>): Redis {
  const { meter } = createMetrics("test");
  return openRedis({ url, meter, log: silentLogger, ...options });
}

function until(redis: Redis, up: boolean): Promise<void> {
  return vi.waitFor(() => expect(redis.up).toBe(up), 10_000);
}
