import { setTimeout as delay } from "node:timers/promises";
import { handleWhenResult, retry } from "cockatiel";
import { allResting, type Endpoint, type Outcome } from "./endpoint.ts";
import type { ModelFailure } from "./model-call.ts";

/** Requests that one call may make, over all its endpoints. */
const MOST_ATTEMPTS = 3;
const FIRST_WAIT_MS = 200;

export type CallBounds = Readonly<{
  signal: AbortSignal;
  /** When the caller stops waiting, as `performance.now()` tells it. */
  deadline: number;
}>;

/** What came of the attempts so far, and whether there is to be one more. */
type Attempt<T> = Readonly<{ result: Outcome<T>; again: boolean }>;

/**
 * Asks the endpoints in order until one does not fail, each once and the last that could be asked again after a transient
 * failure: this is the only place that repeats anything. `ask` is over when its first token is there, so nothing that a user
 * may have seen is ever asked for twice. Throws what `ask` throws.
 */
export async function callEndpoints<Model, T extends { kind: string }>(
  endpoints: readonly Endpoint<Model>[],
  ask: (model: Model) => Promise<Outcome<T>>,
  bounds: CallBounds,
): Promise<Outcome<T>> {
  const call = new EndpointCall(endpoints, ask, bounds);
  const policy = retry(
    handleWhenResult((attempt) => (attempt as Attempt<T>).again),
    { maxAttempts: MOST_ATTEMPTS },
  );
  const { result } = await policy.execute(({ attempt }) => (attempt === 0 ? call.first() : call.again()));
  return result;
}

/** One call on its way through its endpoints. */
class EndpointCall<Model, T extends { kind: string }> {
  readonly #endpoints: readonly Endpoint<Model>[];
  readonly #ask: (model: Model) => Promise<Outcome<T>>;
  readonly #signal: AbortSignal;
  readonly #deadline: number;
  #failure: ModelFailure | undefined;
  #last: Endpoint<Model> | undefined;
  #attempts = 0;
  #waitMs = 0;

  constructor(
    endpoints: readonly Endpoint<Model>[],
    ask: (model: Model) => Promise<Outcome<T>>,
    { signal, deadline }: CallBounds,
  ) {
    this.#endpoints = endpoints;
    this.#ask = ask;
    this.#signal = signal;
    this.#deadline = deadline;
  }

  /** Each endpoint in turn; those that rest cost no attempt. */
  async first(): Promise<Attempt<T>> {
    for (const endpoint of this.#endpoints) {
      if (this.#attempts === MOST_ATTEMPTS) break;
      const result = await endpoint.attempt(this.#ask);
      if (result === undefined) continue;
      endpoint.budget.count();
      if (!isFailure(result)) return { result, again: false };
      this.#note(endpoint, result);
    }
    return this.#afterFailure();
  }

  /** The last one once more; one that came to rest meanwhile is not waited for. */
  async again(): Promise<Attempt<T>> {
    await this.#wait();
    const result = await this.#last?.attempt(this.#ask);
    if (this.#last && result && isFailure(result)) {
      this.#note(this.#last, result);
      return this.#afterFailure();
    }
    return { result: result ?? this.#failure ?? allResting(), again: false };
  }

  #note(endpoint: Endpoint<Model>, failure: ModelFailure): void {
    this.#attempts += 1;
    this.#last = endpoint;
    this.#failure = failure;
  }

  #afterFailure(): Attempt<T> {
    if (this.#failure === undefined) return { result: allResting(), again: false };
    const { error, transient = false } = this.#failure;
    this.#waitMs = error.retryAfterMs ?? FIRST_WAIT_MS * 2 ** (this.#attempts - 1);
    // Spread, so that calls which failed together do not come back together.
    this.#waitMs += Math.random() * Math.min(this.#waitMs, FIRST_WAIT_MS);
    const inTime = performance.now() + this.#waitMs < this.#deadline;
    const again = transient && this.#attempts < MOST_ATTEMPTS && inTime && this.#last?.budget.take() === true;
    return { result: this.#failure, again };
  }

  /** The policy's own wait would not end with the signal. */
  async #wait(): Promise<void> {
    await delay(this.#waitMs, undefined, { signal: this.#signal }).catch(() => this.#signal.throwIfAborted());
  }
}

function isFailure<T extends { kind: string }>(result: Outcome<T>): result is ModelFailure {
  return result.kind === "failed";
}
