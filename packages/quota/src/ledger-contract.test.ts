import { type RunningRedis, startRedis } from "@forerun/components/redis";
import { openRedis, type Redis } from "@forerun/redis/open-redis";
import type { Caller } from "@forerun/runtime/caller";
import { silentLogger } from "@forerun/runtime/logger";
import { createMetrics } from "@forerun/telemetry/metrics";
import { skipWithout } from "@forerun/testing/skip-without";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Ask, Ledger, Reserved, UsageRecord } from "./ledger.ts";
import { type Limit, Meter, type Scope } from "./meter.ts";
import { openLedger } from "./open-ledger.ts";

const LIMIT = 1_000;
const HOUR: Limit = { tokens: LIMIT, period: 3_600_000 };
const caller = (tenant: string): Caller => ({ tenant, subject: "u1", roles: ["user"] });
const meter = (tenant = "acme", scope: Scope = { kind: "tenant" }, limit: Limit = HOUR) =>
  Meter.of(caller(tenant), scope, limit)[0] as Meter;
const ask = (hold: string, want: number, over: Partial<Ask["shares"][number]> = {}): Ask => ({
  hold,
  shares: [{ meter: meter(), spent: 0, want, least: 1, ...over }],
});
const amountOf = (reserved: Reserved) => (reserved.kind === "held" ? (reserved.grants[0]?.amount ?? 0) : 0);

/** A record as the store keeps it: what was settled is in it before. */
class Kept implements UsageRecord {
  readonly used = new Map<string, number>();
  alive = 1;
  usedSince = async ({ tenant, id }: Meter) => this.used.get(tenant + id) ?? 0;
  processes = async () => this.alive;
  add({ tenant, id }: Meter, amount: number): void {
    this.used.set(tenant + id, (this.used.get(tenant + id) ?? 0) + amount);
  }
}

async function settle(ledger: Ledger, record: Kept, hold: string, amount: number, of = meter()) {
  record.add(of, amount);
  await ledger.settle(hold, [{ meter: of, amount }]);
}

type Opened = { ledger: Ledger; record: Kept };

function contract(open: () => Promise<Opened>): void {
  it("sets aside what is wanted, then what is left, then nothing", async () => {
    const { ledger } = await open();
    expect(await ledger.reserve(ask("a", 600))).toMatchObject({ grants: [{ amount: 600, left: 400 }] });
    expect(await ledger.reserve(ask("b", 600))).toMatchObject({ grants: [{ amount: 400, left: 0 }] });
    const refused = await ledger.reserve(ask("c", 1));
    expect(refused).toMatchObject({ kind: "refused", retryAfterMs: expect.any(Number) });
  });

  it("says to wait for the period's end where all is used, and a moment where some is set aside", async () => {
    const { ledger, record } = await open();
    await ledger.reserve(ask("a", LIMIT));
    const soon = await ledger.reserve(ask("b", 1));
    expect(soon.kind === "refused" && soon.retryAfterMs).toBeLessThanOrEqual(2_000);
    await settle(ledger, record, "a", LIMIT);
    const [standing] = await ledger.look([meter()]);
    const late = await ledger.reserve(ask("b", 1));
    const rest = (standing?.resetMs ?? 0) - Date.now();
    expect(Math.abs((late.kind === "refused" ? late.retryAfterMs : 0) - rest)).toBeLessThan(5_000);
  });

  it("gives back what was not used", async () => {
    const { ledger, record } = await open();
    await ledger.reserve(ask("a", LIMIT));
    await settle(ledger, record, "a", 10);
    expect(await ledger.look([meter()])).toMatchObject([{ used: 10, reserved: 0 }]);
    expect(amountOf(await ledger.reserve(ask("b", LIMIT)))).toBe(LIMIT - 10);
  });

  it("changes a hold as a whole, and leaves it as it was where that cannot be", async () => {
    const { ledger } = await open();
    await ledger.reserve(ask("a", 500));
    expect(amountOf(await ledger.reserve(ask("a", 800, { spent: 500, least: 501 })))).toBe(800);
    await ledger.reserve(ask("b", 200));
    expect(await ledger.reserve(ask("a", 900, { least: 801 }))).toMatchObject({ kind: "refused" });
    expect(await ledger.look([meter()])).toMatchObject([{ reserved: LIMIT }]);
  });

  it("holds all meters or none", async () => {
    const { ledger } = await open();
    const user = meter("acme", { kind: "user", subject: "u1" }, { tokens: 100, period: "day" });
    const shares = [meter(), user].map((one) => ({ meter: one, spent: 0, want: 150, least: 120 }));
    expect(await ledger.reserve({ hold: "a", shares })).toMatchObject({ kind: "refused", meter: user });
    expect(await ledger.look([meter(), user])).toMatchObject([{ reserved: 0 }, { reserved: 0 }]);
  });

  it("keeps tenants, users, models and units apart", async () => {
    const { ledger } = await open();
    await ledger.reserve(ask("a", LIMIT));
    for (const other of [
      meter("other"),
      meter("acme", { kind: "user", subject: "u2" }),
      meter("acme", { kind: "model", model: "m" }),
      meter("acme", { kind: "tenant" }, { costMicros: LIMIT, period: 3_600_000 }),
    ]) {
      expect(amountOf(await ledger.reserve(ask(`of ${other.id}`, LIMIT, { meter: other })))).toBe(LIMIT);
    }
  });

  it("begins with what the record says was used", async () => {
    const { ledger, record } = await open();
    record.add(meter(), 990);
    expect(amountOf(await ledger.reserve(ask("a", 50)))).toBe(10);
  });

  it("never passes the limit: 100 at once, each of which wants a third", async () => {
    const { ledger } = await open();
    const holds = Array.from({ length: 100 }, (_, at) => ledger.reserve(ask(`h${at}`, 333)));
    const granted = (await Promise.all(holds)).map(amountOf);
    expect(granted.reduce((sum, one) => sum + one, 0)).toBe(LIMIT);
  });

  it("never passes the limit and ends with nothing set aside, whatever is done in whatever order", async () => {
    let run = 0;
    const step = fc.record({
      what: fc.constantFrom("reserve", "reserve", "settle"),
      hold: fc.nat(5),
      amount: fc.nat(700),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { maxLength: 4 }), { maxLength: 12 }), async (rounds) => {
        const { ledger, record } = await open();
        run += 1;
        const of = meter(`t${run}`);
        const held = new Map<string, number>();
        for (const round of rounds) {
          // A hold belongs to one turn, which does one thing at a time.
          const steps = [...new Map(round.map((one) => [one.hold, one])).values()];
          await Promise.all(
            steps.map(async ({ what, hold: at, amount, share }) => {
              const hold = `${run}-${at}`;
              if (what === "reserve") {
                const reserved = await ledger.reserve(ask(hold, amount, { meter: of, least: 0 }));
                if (reserved.kind === "held") held.set(hold, amountOf(reserved));
              } else if (held.has(hold)) {
                const spent = Math.floor((held.get(hold) ?? 0) * share);
                held.delete(hold);
                await settle(ledger, record, hold, spent, of);
              }
            }),
          );
          const [standing] = await ledger.look([of]);
          expect((standing?.used ?? 0) + (standing?.reserved ?? 0)).toBeLessThanOrEqual(LIMIT);
        }
        await Promise.all([...held.keys()].map((hold) => settle(ledger, record, hold, 0, of)));
        const [end] = await ledger.look([of]);
        expect(end).toMatchObject({ reserved: 0, used: await record.usedSince(of) });
      }),
      { numRuns: 60 },
    );
  });
}

describe("the ledger of one process", () => {
  const open = async (record = new Kept()) => ({ record, ledger: openLedger({ record, observe() {} }) });
  contract(open);

  it("gives out its part where others live beside it", async () => {
    const record = new Kept();
    record.alive = 4;
    const { ledger } = await open(record);
    expect(amountOf(await ledger.reserve(ask("a", LIMIT)))).toBe(LIMIT / 4);
  });
});

skipWithout("redis-server")("the ledger that processes share", () => {
  let server: RunningRedis;
  const opened: AsyncDisposable[] = [];
  beforeAll(async () => {
    server = await startRedis();
  });
  afterEach(async () => {
    for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  let deployments = 0;
  const use = async (record: Kept, prefix: string, over: { holdMs?: number; now?: () => number } = {}) => {
    const meter = createMetrics("test").meter;
    const redis = openRedis({ url: server.url, meter, log: silentLogger, timeoutMs: 2_000, restMs: 50 });
    const ledger = openLedger({ record, observe() {}, shared: { redis, prefix }, ...over });
    opened.push(redis, ledger);
    await vi.waitFor(() => expect(redis.up).toBe(true), 10_000);
    return { redis, ledger, record };
  };
  const fresh = () => `t${deployments++}:`;
  const flush = async (redis: Redis) =>
    redis.run({ text: "redis.call('FLUSHALL') return {}", sha: "0".repeat(40) }, [], []);

  describe("one of them", () => {
    let redis: Redis;
    beforeEach(async () => {
      ({ redis } = await use(new Kept(), fresh()));
    });
    // Many runs of a property on one connection, each with a record of its own.
    contract(async () => {
      const record = new Kept();
      const ledger = openLedger({ record, observe() {}, shared: { redis, prefix: fresh() } });
      opened.push(ledger);
      return { ledger, record };
    });
  });

  it("never passes the limit together: 100 at once over three processes", async () => {
    const [record, prefix] = [new Kept(), fresh()];
    const all = await Promise.all([use(record, prefix), use(record, prefix), use(record, prefix)]);
    const holds = Array.from({ length: 100 }, (_, at) => all[at % 3]?.ledger.reserve(ask(`h${at}`, 7)));
    const granted = (await Promise.all(holds)).map((one) => (one ? amountOf(one) : 0));
    expect(granted.reduce((sum, one) => sum + one, 0)).toBe(700);
    expect(await all[0].ledger.look([meter()])).toMatchObject([{ used: 0, reserved: 700 }]);
  });

  it("gives back what a process held that is gone, within the life of a hold", async () => {
    const [record, prefix] = [new Kept(), fresh()];
    const dying = await use(record, prefix, { holdMs: 300 });
    const living = await use(record, prefix);
    await dying.ledger.reserve(ask("a", LIMIT));
    expect((await living.ledger.reserve(ask("b", 1))).kind).toBe("refused");
    // It renews nothing any more, as if killed.
    await (dying.ledger as Ledger & AsyncDisposable)[Symbol.asyncDispose]();
    await vi.waitFor(
      async () => expect((await living.ledger.reserve(ask("b", 1))).kind).toBe("held"),
      10_000,
    );
    expect(await living.ledger.look([meter()])).toMatchObject([{ reserved: 1 }]);
  });

  it("keeps what a process holds for as long as it lives", async () => {
    const [record, prefix] = [new Kept(), fresh()];
    const { ledger, redis } = await use(record, prefix, { holdMs: 600 });
    await ledger.reserve(ask("a", LIMIT));
    const began = Date.now();
    await vi.waitFor(() => expect(Date.now() - began).toBeGreaterThan(1_500), 10_000);
    expect(redis.up).toBe(true);
    expect(await ledger.look([meter()])).toMatchObject([{ reserved: LIMIT }]);
  });

  it("is there again after a flush: what was used from the record, what is held from who holds it", async () => {
    const [record, prefix] = [new Kept(), fresh()];
    const { ledger, redis } = await use(record, prefix, { holdMs: 600 });
    await ledger.reserve(ask("a", 300));
    await settle(ledger, record, "a", 300);
    await ledger.reserve(ask("b", 200));
    await flush(redis);
    await vi.waitFor(
      async () => expect(await ledger.look([meter()])).toMatchObject([{ used: 300, reserved: 200 }]),
      10_000,
    );
  });

  it("goes by Redis's clock where the process's own is an hour off", async () => {
    const [record, prefix] = [new Kept(), fresh()];
    const right = await use(record, prefix);
    const wrong = await use(record, prefix, { now: () => Date.now() + 3_600_000 });
    await right.ledger.reserve(ask("a", LIMIT));
    expect((await wrong.ledger.reserve(ask("b", 1))).kind).toBe("refused");
  });

  it("goes on without Redis, and has missed nothing when it is back", async () => {
    await using own = await startRedis();
    const record = new Kept();
    const log = silentLogger;
    await using redis = openRedis({
      url: own.url,
      meter: createMetrics("t").meter,
      log,
      timeoutMs: 2_000,
      restMs: 50,
    });
    await using ledger = openLedger({
      record,
      observe() {},
      shared: { redis, prefix: fresh() },
      holdMs: 300,
    });
    await vi.waitFor(() => expect(redis.up).toBe(true), 10_000);
    await ledger.reserve(ask("a", 100));
    await settle(ledger, record, "a", 100);
    own.process.kill("SIGSTOP");
    expect(amountOf(await ledger.reserve(ask("b", 400)))).toBe(400);
    expect(amountOf(await ledger.reserve(ask("c", LIMIT)))).toBe(500);
    await settle(ledger, record, "b", 400);
    own.process.kill("SIGCONT");
    await vi.waitFor(() => expect(redis.up).toBe(true), 10_000);
    // What it was asked while it was frozen, it may have done.
    await vi.waitFor(async () => expect(amountOf(await ledger.reserve(ask("c", LIMIT)))).toBe(500), 10_000);
  });
});
