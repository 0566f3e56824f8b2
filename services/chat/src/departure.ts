import { setMaxListeners } from "node:events";

/**
 * How this process leaves: first it says so, and whoever can go elsewhere goes; the turns that it drives go on, with their
 * readers; when they are over, nobody may stay.
 */
export class Departure {
  readonly #announced = new AbortController();
  readonly #over = new AbortController();

  constructor() {
    // Every open stream listens to one of them.
    setMaxListeners(0, this.#announced.signal, this.#over.signal);
  }

  get announced(): AbortSignal {
    return this.#announced.signal;
  }

  get over(): AbortSignal {
    return this.#over.signal;
  }

  announce(): void {
    this.#announced.abort();
  }

  end(): void {
    this.announce();
    this.#over.abort();
  }
}
