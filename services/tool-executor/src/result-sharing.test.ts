import { openCache } from "@forerun/cache/open-cache";
import { startRedis } from "@forerun/components/redis";
import { openRedis } from "@forerun/redis/open-redis";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { DisposalStack } from "@forerun/runtime/disposal";
import { silentLogger } from "@forerun/runtime/logger";
import { createMetrics } from "@forerun/telemetry/metrics";
import { skipWithout } from "@forerun/testing/skip-without";
import { Redis as Client } from "ioredis";
import { expect, it, vi } from "vitest";
import { endOf, executorOn, tool } from "./fixtures/domain.ts";

/** Executors as replicas have them: each with a cache of its own, over one Redis. */
async function replicas(count: number) {
  const resources = new DisposalStack();
  const server = resources.use(await startRedis());
  const ran: number[] = [];
  const executors = Array.from({ length: count }, (_, replica) => {
    const { meter } = createMetrics("test");
    const texts = resources.use(openRedis({ url: server.url, meter, log: silentLogger, timeoutMs: 2_000 }));
    const cache = resources.use(openCache({ meter, shared: { texts, prefix: "fr:test:" } }));
    const run = async () => ({ by: ran.push(replica) });
    return { ...executorOn(cache, tool({ cacheTtlMs: 60_000, run })), texts };
  });
  await vi.waitFor(() => expect(executors.every(({ texts }) => texts.up)).toBe(true), 10_000);
  const looking = new Client(server.url);
  resources.defer(() => looking.disconnect());
  const of = { turnId: "t1", callId: "c1" };
  return {
    ran,
    /** Resolves when Redis holds so many entries: nobody who keeps one waits for that. */
    held: (entries: number) => vi.waitFor(async () => expect(await looking.dbsize()).toBe(entries), 5_000),
    call: (at: number, early = false, caller = LOCAL_CALLER) =>
      endOf((executors[at] as (typeof executors)[0]).executor, { ...of, early }, caller),
    commit: (at: number) => (executors[at] as (typeof executors)[0]).executor.commit(LOCAL_CALLER, of),
    [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
  };
}

skipWithout("redis-server")("results that replicas share", () => {
  it("are made once for all of them, and for one tenant alone", async () => {
    await using shared = await replicas(2);
    await shared.call(0);
    await shared.held(1);
    expect(await shared.call(1)).toMatchObject({ reused: { layer: "l2" } });
    await shared.call(1, false, { ...LOCAL_CALLER, tenant: "other" });
    expect(shared.ran).toEqual([0, 1]);
  });

  it("hold nothing of an early call until it is decided for, wherever that is said", async () => {
    await using shared = await replicas(3);
    await shared.call(0, true);
    await shared.held(1);
    expect(await shared.call(1, true)).not.toHaveProperty("reused");
    expect(await shared.commit(2)).toBe(true);
    await shared.held(2);
    expect(await shared.call(1)).toMatchObject({ reused: { layer: "l2" } });
    expect(shared.ran).toHaveLength(2);
  });
});
