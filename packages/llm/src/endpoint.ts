import {
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhenResult,
  isBrokenCircuitError,
} from "cockatiel";
import type { ModelFailure } from "./model-call.ts";
import { resting } from "./model-errors.ts";
import { RetryBudget } from "./retry-budget.ts";

/** Failures in a row after which an endpoint is left alone. */
const FAILURES = 5;
/** Milliseconds of rest until one call may try it again. */
const REST_MS = 5_000;

/** What asking a model came to. */
export type Outcome<T> = T | ModelFailure;

/** One model at one endpoint, with the memory of how it did: its circuit breaker and its retry budget. */
export class Endpoint<Model> {
  readonly model: Model;
  readonly budget = new RetryBudget();
  readonly #breaker;

  constructor(model: Model, { restMs = REST_MS } = {}) {
    this.model = model;
    this.#breaker = circuitBreaker(handleWhenResult(isSick), {
      halfOpenAfter: restMs,
      breaker: new ConsecutiveBreaker(FAILURES),
    });
  }

  /** Asks, unless the endpoint rests: then undefined, at once. One call alone tries a rested endpoint. */
  async attempt<T>(ask: (model: Model) => Promise<Outcome<T>>): Promise<Outcome<T> | undefined> {
    if (this.#breaker.state === CircuitState.HalfOpen) return undefined;
    try {
      return await this.#breaker.execute(() => ask(this.model));
    } catch (fault) {
      if (isBrokenCircuitError(fault)) return undefined;
      throw fault;
    }
  }
}

/** A refusal, for its rate or its content, is a sign of life. */
function isSick(result: unknown): boolean {
  const { kind, error } = result as Partial<ModelFailure>;
  return kind === "failed" && (error?.status === "unavailable" || error?.status === "deadline_exceeded");
}

export function allResting(): ModelFailure {
  return { kind: "failed", error: resting(REST_MS) };
}
