import type { Turn } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { Outcome } from "@forerun/contracts/forerun/common/v1/common_pb";

/** Milliseconds, nearest rank; null where nothing was measured. */
export type Percentiles = { p50: number | null; p95: number | null; p99: number | null; max: number | null };

export type LoadReport = {
  seconds: number;
  /** Turns that were asked for. */
  turns: number;
  completed: number;
  incomplete: number;
  /** Turns that were accepted and failed, by the code they failed with. */
  failed: Record<string, number>;
  /** Turns that were never accepted or whose stream broke, by status. */
  refused: Record<string, number>;
  /** Arrivals for which this client had no room. */
  not_sent: number;
  turns_per_second: number;
  /** From the moment a turn was due, so that waiting for a busy server counts. */
  first_text_ms: Percentiles;
  turn_ms: Percentiles;
  /** Calls that were begun before their decision, and how many of them it asked for; null where none was begun. */
  early: { started: number; used: number; hit_rate: number | null };
};

/** What comes of a run of turns. */
export class Tally {
  readonly #firstTextMs: number[] = [];
  readonly #turnMs: number[] = [];
  readonly #failed = new Map<string, number>();
  readonly #refused = new Map<string, number>();
  #completed = 0;
  #incomplete = 0;
  #early = 0;
  #used = 0;
  #notSent = 0;

  /** Turns that have come to an end, whichever. */
  get done(): number {
    return this.#turnMs.length + sum(this.#refused);
  }

  get errors(): number {
    return sum(this.#failed) + sum(this.#refused);
  }

  firstText(ms: number): void {
    this.#firstTextMs.push(ms);
  }

  ended({ state, errorCode, toolCalls }: Turn, ms: number): void {
    this.#turnMs.push(ms);
    if (state === TurnState.COMPLETED) this.#completed += 1;
    else if (state === TurnState.INCOMPLETE) this.#incomplete += 1;
    else count(this.#failed, errorCode || "cancelled");
    for (const { early, outcome } of toolCalls) {
      if (!early) continue;
      this.#early += 1;
      if (outcome === Outcome.HIT || outcome === Outcome.LATE) this.#used += 1;
    }
  }

  refused(status: string): void {
    count(this.#refused, status);
  }

  notSent(): void {
    this.#notSent += 1;
  }

  report(seconds: number): LoadReport {
    return {
      seconds: rounded(seconds),
      turns: this.done,
      completed: this.#completed,
      incomplete: this.#incomplete,
      failed: Object.fromEntries(this.#failed),
      refused: Object.fromEntries(this.#refused),
      not_sent: this.#notSent,
      turns_per_second: rounded(this.#turnMs.length / seconds),
      first_text_ms: percentiles(this.#firstTextMs),
      turn_ms: percentiles(this.#turnMs),
      early: {
        started: this.#early,
        used: this.#used,
        hit_rate: this.#early === 0 ? null : rounded(this.#used / this.#early),
      },
    };
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, one) => total + one, 0);
}

function percentiles(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((left, right) => left - right);
  const at = (share: number) => {
    const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
    return value === undefined ? null : rounded(value);
  };
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
