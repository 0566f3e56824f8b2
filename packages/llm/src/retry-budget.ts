/** Calls that may be repeated in any window, however few there were: a lone failure is worth a second try. */
const LEAST_RETRIES = 10;

type Counts = { calls: number; retries: number };

/**
 * Keeps an endpoint in trouble from being asked much more often than usual: retries are at most a share of the calls of the
 * last while. The while slides by halves.
 */
export class RetryBudget {
  readonly #share: number;
  readonly #halfMs: number;
  readonly #now: () => number;
  #current: Counts = { calls: 0, retries: 0 };
  #previous: Counts = { calls: 0, retries: 0 };
  #begun: number;

  constructor({ share = 0.2, windowMs = 10_000, now = () => performance.now() } = {}) {
    this.#share = share;
    this.#halfMs = windowMs / 2;
    this.#now = now;
    this.#begun = now();
  }

  /** Notes a call's first attempt. */
  count(): void {
    this.#slide();
    this.#current.calls += 1;
  }

  /** Takes one retry from the budget; false when none is left. */
  take(): boolean {
    this.#slide();
    const calls = this.#current.calls + this.#previous.calls;
    const retries = this.#current.retries + this.#previous.retries;
    if (retries + 1 > Math.max(LEAST_RETRIES, this.#share * calls)) return false;
    this.#current.retries += 1;
    return true;
  }

  #slide(): void {
    const halves = Math.floor((this.#now() - this.#begun) / this.#halfMs);
    if (halves === 0) return;
    this.#previous = halves === 1 ? this.#current : { calls: 0, retries: 0 };
    this.#current = { calls: 0, retries: 0 };
    this.#begun += halves * this.#halfMs;
  }
}
