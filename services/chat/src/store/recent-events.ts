import type { TurnEvent } from "../turn-event.ts";

type Held = { event: TurnEvent; bytes: number };

/**
 * The last durable events of a running turn, so that readers who keep up need no query. Bounded: whoever falls behind it
 * reads the log instead, and no reader has a queue of its own.
 */
export class RecentEvents {
  readonly #maxBytes: number;
  #held: Held[] = [];
  #bytes = 0;
  #last: number;

  /** `last` is the sequence before the first event to come. */
  constructor(maxBytes: number, last = 0) {
    this.#maxBytes = maxBytes;
    this.#last = last;
  }

  /** Sequence of the last durable event, 0 when there is none. */
  get last(): number {
    return this.#last;
  }

  push(event: TurnEvent, bytes: number): void {
    this.#held.push({ event, bytes });
    this.#bytes += bytes;
    this.#last = event.sequence;
    let drop = 0;
    while (this.#bytes > this.#maxBytes && drop < this.#held.length - 1) {
      this.#bytes -= this.#held[drop]?.bytes ?? 0;
      drop += 1;
    }
    if (drop > 0) this.#held = this.#held.slice(drop);
  }

  /** The events after a sequence; undefined when some of them are no longer held. */
  after(sequence: number): TurnEvent[] | undefined {
    const first = this.#held[0]?.event.sequence ?? this.#last + 1;
    if (sequence + 1 < first) return undefined;
    return this.#held.slice(sequence + 1 - first).map(({ event }) => event);
  }
}
