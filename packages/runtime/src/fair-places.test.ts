import { setMaxListeners } from "node:events";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Entry, FairPlaces, type Place } from "./fair-places.ts";

const never = new AbortController().signal;
setMaxListeners(0, never);

function entered(entry: Entry): Place {
  if (entry.kind !== "entered") throw new Error(`not entered: ${entry.kind}`);
  return entry;
}

describe("fair places", () => {
  it("are taken at once while there are any, and handed on when they are left", async () => {
    const places = new FairPlaces({ running: 1, waiting: 1 });
    const first = entered(await places.enter("acme", never));
    const second = places.enter("acme", never);
    expect(places.room).toBe(0);
    first.leave();
    first.leave();
    entered(await second).leave();
    expect(places.room).toBe(1);
  });

  it("refuse at once the tenant whose queue is full, and no other", async () => {
    const places = new FairPlaces({ running: 1, waiting: 2 });
    const place = entered(await places.enter("loud", never));
    const waiting = [places.enter("loud", never), places.enter("loud", never)];
    expect(await places.enter("loud", never)).toEqual({ kind: "full" });
    const quiet = places.enter("quiet", never);
    place.leave();
    entered(await Promise.any(waiting)).leave();
    entered(await quiet).leave();
  });

  it("go to the tenants in turn, however long one's queue is", async () => {
    const places = new FairPlaces({ running: 1, waiting: 10 });
    const served: string[] = [];
    let held = entered(await places.enter("loud", never));
    const ask = async (tenant: string) => {
      const place = entered(await places.enter(tenant, never));
      served.push(tenant);
      held = place;
    };
    const all = [...Array<string>(4).fill("loud"), "quiet", "other", "quiet"].map(ask);
    for (let left = all.length; left > 0; left--) {
      held.leave();
      await new Promise(setImmediate);
    }
    await Promise.all(all);
    expect(served).toEqual(["loud", "quiet", "other", "loud", "quiet", "loud", "loud"]);
  });

  it("leave room for others where one tenant may not hold them all", async () => {
    const places = new FairPlaces({ running: 3, perTenant: 2, waiting: 0 });
    await places.enter("loud", never);
    const second = entered(await places.enter("loud", never));
    expect(await places.enter("loud", never)).toEqual({ kind: "full" });
    entered(await places.enter("quiet", never));
    second.leave();
    entered(await places.enter("loud", never));
  });

  it("are waited for no longer than allowed, and not at all once nobody wants them", async () => {
    const places = new FairPlaces({ running: 1, waiting: 9, waitMs: 1 });
    const place = places.take("acme");
    expect(await places.enter("acme", never)).toEqual({ kind: "full" });
    const leaving = new AbortController();
    const waiting = places.enter("acme", leaving.signal);
    leaving.abort();
    expect(await waiting).toEqual({ kind: "stopped" });
    expect(await places.enter("acme", AbortSignal.abort())).toEqual({ kind: "stopped" });
    place.leave();
    entered(await places.enter("acme", never));
  });

  it("may be overdrawn by what cannot be refused, and pay that back first", async () => {
    const places = new FairPlaces({ running: 1, waiting: 1 });
    const taken = [places.take("acme"), places.take("acme")];
    expect(places.room).toBe(0);
    let admitted = false;
    const waiting = places.enter("acme", never).then(() => {
      admitted = true;
    });
    taken[0]?.leave();
    await new Promise(setImmediate);
    expect(admitted).toBe(false);
    taken[1]?.leave();
    await waiting;
  });

  it("never exceed their bounds, and are all free in the end", async () => {
    const step = fc.record({ tenant: fc.constantFrom("a", "b", "c"), leave: fc.nat(20) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const places = new FairPlaces({ running: 4, perTenant: 3, waiting: 2 });
        const held: { tenant: string; place: Place }[] = [];
        const asked: Promise<void>[] = [];
        for (const { tenant, leave } of steps) {
          asked.push(
            places.enter(tenant, never).then((entry) => {
              if (entry.kind === "entered") held.push({ tenant, place: entry });
            }),
          );
          if (leave % 3 === 0) held.splice(leave % Math.max(1, held.length), 1)[0]?.place.leave();
          await new Promise(setImmediate);
          expect(held.length).toBeLessThanOrEqual(4);
          expect(held.filter((one) => one.tenant === tenant).length).toBeLessThanOrEqual(3);
        }
        while (held.length > 0) {
          held.pop()?.place.leave();
          await new Promise(setImmediate);
        }
        await Promise.all(asked);
        expect(places.room).toBe(4);
      }),
      { numRuns: 50 },
    );
  });
});

describe("a tenant at fifty times the rate of another", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Simulates ten seconds: who asks every so many milliseconds, 100 ms of work each. Returns the quiet one's times in order. */
  async function quietTimes(
    rates: Readonly<Record<string, number>>,
  ): Promise<{ ms: number[]; refused: number }> {
    const places = new FairPlaces({ running: 20, perTenant: 16, waiting: 32, waitMs: 40 });
    const ms: number[] = [];
    let refused = 0;
    const work = async (tenant: string) => {
      const since = Date.now();
      const entry = await places.enter(tenant, never);
      if (entry.kind === "entered") {
        await new Promise((resolve) => setTimeout(resolve, 100));
        entry.leave();
      }
      if (tenant !== "quiet") return;
      if (entry.kind === "entered") ms.push(Date.now() - since);
      else refused++;
    };
    const loops = Object.entries(rates).map(([tenant, everyMs]) =>
      setInterval(() => void work(tenant), everyMs),
    );
    await vi.advanceTimersByTimeAsync(10_000);
    for (const loop of loops) clearInterval(loop);
    await vi.advanceTimersByTimeAsync(1_000);
    return { ms: ms.sort((left, right) => left - right), refused };
  }

  it("delays the other by less than a fifth, and costs it no refusal", async () => {
    const alone = await quietTimes({ quiet: 50 });
    const beside = await quietTimes({ quiet: 50, loud: 1 });
    const p99 = ({ ms }: { ms: number[] }) => ms[Math.floor(ms.length * 0.99)] ?? 0;
    expect(beside.refused).toBe(0);
    expect(beside.ms).toHaveLength(alone.ms.length);
    expect(p99(beside)).toBeLessThanOrEqual(1.2 * p99(alone));
  });
});

describe("a line that stands", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const WORK_MS = 10;

  /** So many a second for so long, each 10 ms of work, one at a time: how long those waited that were not refused at once. */
  async function waits(rate: number, seconds: number): Promise<{ ms: number[]; refused: number }> {
    const places = new FairPlaces({ running: 1, waiting: 30, standing: { afterMs: 250, waiting: 2 } });
    const ms: number[] = [];
    let refused = 0;
    const ask = async () => {
      const since = performance.now();
      const entry = await places.enter("acme", never);
      if (entry.kind !== "entered") {
        expect(performance.now()).toBe(since);
        refused++;
        return;
      }
      ms.push(performance.now() - since);
      setTimeout(entry.leave, WORK_MS);
    };
    const asking = setInterval(() => void ask(), 1000 / rate);
    await vi.advanceTimersByTimeAsync(seconds * 1000);
    clearInterval(asking);
    await vi.advanceTimersByTimeAsync(1_000);
    return { ms, refused };
  }

  it("is kept short, gets as much done, and refuses the rest at once", async () => {
    for (const rate of [200, 1_000]) {
      const { ms, refused } = await waits(rate, 10);
      expect(ms.length).toBeGreaterThanOrEqual(0.95 * (10_000 / WORK_MS));
      expect(refused).toBeGreaterThan(0);
      const late = ms.filter((wait) => wait > 3 * WORK_MS);
      // Those of the burst with which it began.
      expect(late.length).toBeLessThanOrEqual(2 * 30);
    }
  });

  it("is none where a burst is worked off", async () => {
    const places = new FairPlaces({ running: 1, waiting: 30, standing: { afterMs: 250, waiting: 2 } });
    for (let burst = 0; burst < 5; burst++) {
      const entries = Array.from({ length: 20 }, () => places.enter("acme", never));
      for (const entry of entries) entered(await entry).leave();
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(places.isFull("acme")).toBe(false);
  });
});
