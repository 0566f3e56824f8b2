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
  #last: number | undefined;

  /** `last` is the sequence before the first event to come; undefined where that is not known. */
  constructor(maxBytes: number, last: number | undefined) {
    this.#maxBytes = maxBytes;
    this.#last = last;
  }

  /** Sequence of the last durable event, 0 when there is none. */
  get last(): number {
    return this.#last ?? 0;
  }

  /** Events come in order. One that is known is left out; behind one that was lost, those before it are not held any more. */
  push(event: TurnEvent, bytes: number): void {
    const last = this.#last ?? 0;
    if (event.sequence <= last) return;
    if (event.sequence > last + 1) this.#drop(this.#held.length);
    this.#held.push({ event, bytes });
    this.#bytes += bytes;
    this.#last = event.sequence;
    let drop = 0;
    for (let left = this.#bytes; left > this.#maxBytes && drop < this.#held.length - 1; drop += 1) {
      left -= this.#held[drop]?.bytes ?? 0;
    }
    if (drop > 0) this.#drop(drop);
  }

  /** The events after a sequence; undefined when some of them are no longer held. */
  after(sequence: number): TurnEvent[] | undefined {
    const next = this.#last === undefined ? Number.POSITIVE_INFINITY : this.#last + 1;
    const first = this.#held[0]?.event.sequence ?? next;
    if (sequence + 1 < first) return undefined;
    return this.#held.slice(sequence + 1 - first).map(({ event }) => event);
  }

  /** Some may have been missed. */
  forget(): void {
    this.#drop(this.#held.length);
    this.#last = undefined;
  }

  #drop(count: number): void {
    for (const { bytes } of this.#held.splice(0, count)) this.#bytes -= bytes;
  }
}
