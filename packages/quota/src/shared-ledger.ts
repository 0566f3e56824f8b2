import type { Redis } from "@forerun/redis/open-redis";
import type { Script } from "@forerun/redis/script";
import {
  type Ask,
  type Ledger,
  type LedgerObserver,
  type Reserved,
  type Share,
  type Standing,
  type UsageRecord,
  WHILE_RESERVED_MS,
} from "./ledger.ts";
import type { Meter } from "./meter.ts";
import { windowAt } from "./period.ts";
import { LOOK, RENEW, RESERVE, SETTLE } from "./scripts.ts";
import { tenantPlace } from "./tenant-place.ts";

export type SharedLedgerOptions = Readonly<{
  redis: Pick<Redis, "run">;
  /** Before every key: names the deployment. */
  prefix: string;
  record: UsageRecord;
  /** Stands in while Redis is away. */
  local: Ledger;
  now(): number;
  observe: LedgerObserver;
  /** Milliseconds after which the holds of a process that is gone come back. */
  holdMs: number;
}>;

/** A hold is said again so often within its life: what Redis forgot, others may take until then. */
const RENEWALS = 30;
/** Once for a wrong clock, once for the record, once for a window that ends meanwhile. */
const MOST_TRIES = 4;

type Tried = readonly [string, ...unknown[]];

/**
 * The ledger that processes share in Redis: one script a step, over keys of one tenant. What Redis has lost or missed is read
 * from the record again; while it is away, each process gives out its own part of what the record says is left.
 */
export class SharedLedger implements Ledger, AsyncDisposable {
  readonly #options: SharedLedgerOptions;
  /** What is held here, to say it again where Redis forgets. */
  readonly #holds = new Map<string, Ask>();
  /** Meters of which Redis has missed something. */
  readonly #missed = new Set<string>();
  /** Holds that have ended while Redis was away, with a meter of their tenant: it may have them still. */
  readonly #unsettled = new Map<string, Meter>();
  /** Redis's clock less this process's. */
  #ahead = 0;
  readonly #renewal: NodeJS.Timeout;

  constructor(options: SharedLedgerOptions) {
    this.#options = options;
    this.#renewal = setInterval(() => void this.#renew(), options.holdMs / RENEWALS).unref();
  }

  async reserve(ask: Ask): Promise<Reserved> {
    const { local, observe } = this.#options;
    // Nothing that it uses is limited, and what it held before ends by itself.
    if (ask.shares.length === 0) {
      this.#holds.delete(ask.hold);
      return local.reserve(ask);
    }
    const tried = await this.#try(
      RESERVE,
      metersOf(ask),
      (share, at) => {
        const { meter, spent, want, least } = ask.shares[at] as Share;
        return [...share, this.#missed.has(meter.id) ? 1 : 0, spent, want, least];
      },
      [ask.hold, this.#options.holdMs],
    );
    if (!tried) {
      observe("local");
      for (const { meter } of ask.shares) this.#missed.add(meter.id);
      return local.reserve(ask);
    }
    for (const { meter } of ask.shares) this.#missed.delete(meter.id);
    const [kind, first, ...rest] = tried as readonly [string, number, ...number[]];
    if (kind === "refused") {
      observe("refused");
      const meter = (ask.shares[first - 1] as Share).meter;
      return { kind, meter, retryAfterMs: this.#waitFor(meter, rest[0] === 1) };
    }
    if (first > 0) observe("expired", first);
    const grants = ask.shares.map(({ meter }, at) => ({
      meter,
      amount: rest[2 * at] ?? 0,
      left: rest[2 * at + 1] ?? 0,
    }));
    const spoken = ask.shares.map((share, at) => ({ ...share, want: grants[at]?.amount ?? 0, least: 0 }));
    this.#holds.set(ask.hold, { hold: ask.hold, shares: spoken });
    return { kind: "held", grants };
  }

  async settle(hold: string, spent: Parameters<Ledger["settle"]>[1]): Promise<void> {
    this.#holds.delete(hold);
    await this.#options.local.settle(hold, spent);
    if (spent.length === 0) return;
    const meters = spent.map(({ meter }) => meter);
    const tried = await this.#try(SETTLE, meters, (five, at) => [...five, spent[at]?.amount ?? 0], [hold]);
    if (!tried) {
      for (const meter of meters) this.#missed.add(meter.id);
      this.#unsettled.set(hold, meters[0] as Meter);
    } else if (Number(tried[1]) > 0) this.#options.observe("expired", Number(tried[1]));
  }

  async look(meters: readonly Meter[]): Promise<Standing[]> {
    if (meters.length === 0) return [];
    const tried = await this.#try(LOOK, meters, (five) => five, []);
    if (!tried) return this.#options.local.look(meters);
    const [, ...numbers] = tried as readonly [string, ...number[]];
    return meters.map((meter, at) => ({
      meter,
      used: numbers[2 * at] ?? 0,
      reserved: numbers[2 * at + 1] ?? 0,
      resetMs: this.#windowOf(meter).end,
    }));
  }

  /** Holds end by themselves, but those of turns that have ended are settled before. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#renewal);
  }

  /** Runs a script until it says more than what it lacks; undefined when Redis does not answer. */
  async #try(
    script: Script,
    meters: readonly Meter[],
    argsOf: (five: readonly (string | number)[], at: number) => readonly (string | number)[],
    first: readonly (string | number)[],
  ): Promise<Tried | undefined> {
    const { redis, record, observe } = this.#options;
    const seeds = new Map<number, number>();
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const args = meters.flatMap((meter, at) => {
        const { start, end } = this.#windowOf(meter);
        return argsOf([meter.id, meter.limit, start, end, seeds.get(at) ?? -1], at);
      });
      const reply = await redis.run(script, this.#keysOf(meters), [...first, ...args]);
      if (!Array.isArray(reply)) return undefined;
      const [kind, ...rest] = reply as unknown as Tried;
      if (kind === "clock") this.#ahead = Number(rest[0]) - this.#options.now();
      else if (kind !== "seed") return [kind, ...rest];
      for (const place of kind === "seed" ? rest : []) {
        const at = Number(place) - 1;
        const meter = meters[at] as Meter;
        seeds.set(at, await record.usedSince(meter, this.#windowOf(meter).start));
        observe("reseeded");
      }
    }
    return undefined;
  }

  #windowOf({ period }: Meter) {
    return windowAt(period, this.#options.now() + this.#ahead);
  }

  #waitFor(meter: Meter, othersHold: boolean): number {
    const rest = this.#windowOf(meter).end - this.#options.now() - this.#ahead;
    return othersHold ? Math.min(rest, WHILE_RESERVED_MS) : rest;
  }

  #keysOf(meters: readonly Meter[]): string[] {
    const place = tenantPlace(this.#options.prefix, meters);
    const own = meters.flatMap((meter) => {
      const key = `${place}used:${meter.id}:${this.#windowOf(meter).start}`;
      return [key, `${key}:late`];
    });
    return [`${place}holds`, `${place}ends`, `${place}held`, ...own];
  }

  async #renew(): Promise<void> {
    const { redis, holdMs } = this.#options;
    for (const [hold, meter] of this.#unsettled) {
      const reply = await redis.run(SETTLE, this.#keysOf([meter]).slice(0, 3), [hold]);
      if (reply !== undefined) this.#unsettled.delete(hold);
    }
    const byTenant = new Map<string, Ask[]>();
    for (const ask of this.#holds.values()) {
      const tenant = ask.shares[0]?.meter.tenant ?? "";
      byTenant.set(tenant, [...(byTenant.get(tenant) ?? []), ask]);
    }
    for (const asks of byTenant.values()) {
      const keys = this.#keysOf(metersOf(asks[0] as Ask)).slice(0, 3);
      const gone = await redis.run(RENEW, keys, [holdMs, ...asks.map(({ hold }) => hold)]);
      if (!Array.isArray(gone)) continue;
      // One that was settled meanwhile is not to come back.
      for (const id of gone as string[]) {
        const ask = this.#holds.get(id);
        if (ask) await this.reserve(ask);
      }
    }
  }
}

function metersOf({ shares }: Ask): Meter[] {
  return shares.map(({ meter }) => meter);
}
