import type { CacheKey } from "./cache-key.ts";

/** Work that several may wait for; `done` settles when it is over. */
export type Work = Readonly<{ done: Promise<unknown> }>;

/** One part in a piece of work. Disposing of it leaves the work, once. */
export type Share<W extends Work> = Disposable & Readonly<{ work: W }>;

type Flight<W> = { work: W; stop: AbortController; waiters: number; over: boolean };

/**
 * Work that is done once in this process for all who want the same at the same time. Whoever leaves stops nothing for the
 * others; when the last one leaves work that is not done, it is stopped.
 */
export class SingleFlight<W extends Work> {
  readonly #flights = new Map<string, Flight<W>>();

  /** Takes part in the work under that key; begins it when nobody has. */
  join(key: CacheKey<unknown>, begin: (signal: AbortSignal) => W): Share<W> {
    const flight = this.#flights.get(key.text) ?? this.#start(key.text, begin);
    flight.waiters += 1;
    let left = false;
    return {
      work: flight.work,
      [Symbol.dispose]: () => {
        if (left) return;
        left = true;
        flight.waiters -= 1;
        if (flight.waiters === 0 && !flight.over) this.#stop(key.text, flight);
      },
    };
  }

  #start(key: string, begin: (signal: AbortSignal) => W): Flight<W> {
    const stop = new AbortController();
    const flight: Flight<W> = { work: begin(stop.signal), stop, waiters: 0, over: false };
    this.#flights.set(key, flight);
    const end = () => this.#end(key, flight);
    flight.work.done.then(end, end);
    return flight;
  }

  /** Whoever comes now begins anew. */
  #end(key: string, flight: Flight<W>): void {
    flight.over = true;
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }

  #stop(key: string, flight: Flight<W>): void {
    this.#end(key, flight);
    flight.stop.abort(new DOMException("nobody waits for it any more", "AbortError"));
  }
}
