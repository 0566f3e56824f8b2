export type PlacesOptions = Readonly<{
  /** Pieces of work that go on at one time. */
  running: number;
  /** Of those, as many as one tenant may hold: the rest is for others. All of them unless it is given. */
  perTenant?: number;
  /** Pieces of work of one tenant that wait. */
  waiting: number;
  /**
   * Those that may wait once the tenant has had to wait for `afterMs`, again and again. A burst is worked off and its line may be
   * long; a line that stands makes everybody in it late and gets no more work done. As many as otherwise unless it is given.
   */
  standing?: Readonly<{ afterMs: number; waiting: number }>;
  /** Longest wait in milliseconds; as long as it takes unless it is given. */
  waitMs?: number;
}>;

/** A place for a piece of work; whoever has entered must leave, once. */
export type Place = Readonly<{ kind: "entered"; leave(): void }>;

/** "full": too many wait already, or it waited too long. "stopped": its signal came first. */
export type Entry = Place | Readonly<{ kind: "full" }> | Readonly<{ kind: "stopped" }>;

/** When its line was last joined, and since when it has been without a longer pause. */
type Line = { joined: number; since: number };

type Tenant = { running: number; waiting: Set<() => void>; line: Line };

/**
 * Bounds how much work goes on at one time, and shares the places out: each tenant has a queue of its own, and a free place goes
 * to the tenants in turn. So one that asks for fifty times its share makes nobody wait but itself.
 */
export class FairPlaces {
  readonly #options: PlacesOptions;
  readonly #perTenant: number;
  /** Those that hold a place or wait, in the order of their turns. */
  readonly #tenants = new Map<string, Tenant>();
  #running = 0;

  constructor(options: PlacesOptions) {
    this.#options = options;
    this.#perTenant = options.perTenant ?? options.running;
  }

  /** Places that are free. */
  get room(): number {
    return Math.max(0, this.#options.running - this.#running);
  }

  /** Takes a place at once or after a wait in the tenant's queue. Decided within `waitMs`. */
  async enter(name: string, signal: AbortSignal): Promise<Entry> {
    if (signal.aborted) return { kind: "stopped" };
    if (this.#hasOneFor(this.#tenants.get(name))) return this.take(name);
    return this.isFull(name) ? { kind: "full" } : this.#wait(name, signal);
  }

  /** Whether the tenant would be refused at once: so that it can be before anything is done for it. */
  isFull(name: string): boolean {
    const tenant = this.#tenants.get(name);
    return !this.#hasOneFor(tenant) && (tenant?.waiting.size ?? 0) >= this.#lineOf(tenant);
  }

  /** Takes a place even where none is free: for work that can be neither refused nor put off. */
  take(name: string): Place {
    this.#running++;
    this.#tenantOf(name).running++;
    let left = false;
    const leave = () => {
      if (left) return;
      left = true;
      this.#running--;
      this.#tenantOf(name).running--;
      this.#forget(name);
      this.#admit();
    };
    return { kind: "entered", leave };
  }

  #hasOneFor(tenant: Tenant | undefined): boolean {
    if (this.room === 0) return false;
    return !tenant || (tenant.running < this.#perTenant && tenant.waiting.size === 0);
  }

  /** How long the tenant's line may be. */
  #lineOf(tenant: Tenant | undefined): number {
    const { waiting, standing } = this.#options;
    if (!standing || !tenant) return waiting;
    const now = performance.now();
    const goesOn = tenant.waiting.size > 0 || now - tenant.line.joined <= standing.afterMs;
    return goesOn && now - tenant.line.since > standing.afterMs ? standing.waiting : waiting;
  }

  #join({ line, waiting }: Tenant): void {
    const now = performance.now();
    const paused = waiting.size === 0 && now - line.joined > (this.#options.standing?.afterMs ?? 0);
    if (paused) line.since = now;
    line.joined = now;
  }

  #wait(name: string, signal: AbortSignal): Promise<Entry> {
    const tenant = this.#tenantOf(name);
    const { waiting } = tenant;
    this.#join(tenant);
    const { waitMs } = this.#options;
    return new Promise((resolve) => {
      const settle = (entry: Entry) => {
        clearTimeout(timer);
        waiting.delete(admit);
        signal.removeEventListener("abort", stop);
        this.#forget(name);
        resolve(entry);
      };
      const admit = () => settle(this.take(name));
      const stop = () => settle({ kind: "stopped" });
      const timer = waitMs === undefined ? undefined : setTimeout(settle, waitMs, { kind: "full" });
      waiting.add(admit);
      signal.addEventListener("abort", stop);
    });
  }

  /** Gives free places to those that wait, a tenant at a time; the one that was served goes to the end of the line. */
  #admit(): void {
    for (const [name, tenant] of this.#tenants) {
      if (this.room === 0) return;
      const [first] = tenant.waiting;
      if (!first || tenant.running >= this.#perTenant) continue;
      this.#tenants.delete(name);
      this.#tenants.set(name, tenant);
      first();
    }
  }

  #tenantOf(name: string): Tenant {
    const known = this.#tenants.get(name);
    if (known) return known;
    const tenant: Tenant = {
      running: 0,
      waiting: new Set(),
      line: { joined: Number.NEGATIVE_INFINITY, since: 0 },
    };
    this.#tenants.set(name, tenant);
    return tenant;
  }

  #forget(name: string): void {
    const tenant = this.#tenants.get(name);
    if (tenant && tenant.running === 0 && tenant.waiting.size === 0) this.#tenants.delete(name);
  }
}
