/** What recent turns teach about the next: how long tools and decisions take, and how much early work a tenant wastes. */

/** Weight of the newest figure in a moving average. */
const NEWEST = 0.2;
/** Before anything is known: a network tool, and a small model. */
const FIRST_TOOL_MS = 300;
const FIRST_ROUTE_MS = 300;
/** Tools and tenants remembered at most; the longest unseen is forgotten. */
const MOST_REMEMBERED = 1_000;
/** Early calls of a tenant that a judgement needs, and that it looks back on. */
const LEAST_JUDGED = 10;
const LOOK_BACK = 50;
/** A tenant that has stopped tries again after so many turns. */
const TURNS_OFF = 100;

type Waste = { thrownAway: boolean[]; turnsOff: number };

export class Expectations {
  readonly #toolMs = new Map<string, number>();
  readonly #waste = new Map<string, Waste>();
  #routeMs = FIRST_ROUTE_MS;

  get routeMs(): number {
    return this.#routeMs;
  }

  toolMs(name: string): number {
    return this.#toolMs.get(name) ?? FIRST_TOOL_MS;
  }

  toolTook(name: string, ms: number): void {
    remember(this.#toolMs, name, blend(this.#toolMs.get(name), ms));
  }

  routeTook(ms: number): void {
    this.#routeMs = blend(this.#routeMs, ms);
  }

  /** Notes how an early call ended; `used` when the decision wanted it. */
  earlyCallEnded(tenant: string, used: boolean): void {
    const waste = this.#waste.get(tenant) ?? { thrownAway: [], turnsOff: 0 };
    waste.thrownAway.push(!used);
    if (waste.thrownAway.length > LOOK_BACK) waste.thrownAway.shift();
    remember(this.#waste, tenant, waste);
  }

  /** Asked once a turn. False while a tenant's waste is above its limit; after a while it may try again from nothing. */
  mayStartEarly(tenant: string, maxWaste: number): boolean {
    const waste = this.#waste.get(tenant);
    if (!waste || waste.thrownAway.length < LEAST_JUDGED) return true;
    const share = waste.thrownAway.filter(Boolean).length / waste.thrownAway.length;
    if (share <= maxWaste) return true;
    waste.turnsOff += 1;
    if (waste.turnsOff > TURNS_OFF) this.#waste.delete(tenant);
    return false;
  }
}

function blend(known: number | undefined, newest: number): number {
  return known === undefined ? newest : known * (1 - NEWEST) + newest * NEWEST;
}

function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  const oldest = map.keys().next();
  if (map.size > MOST_REMEMBERED && !oldest.done) map.delete(oldest.value);
}
