/**
 * Patience is counted in ticks, of which a busy process has fewer a second: it must not take its own slowness for that of
 * others. In one that is not busy these are 1.2 s until whoever takes a call says so, and 2 s until it says something again.
 */
const TICK_MS = 200;
const TICKS_TO_TAKE = 6;
const TICKS_TO_HEAR = 10;

export type Silence = "not_taken" | "silent";

/** Waits for signs of life of one call, until it is disposed of. Each sign begins the waiting anew. */
export class Patience implements Disposable {
  readonly #over: (silence: Silence) => void;
  readonly #timer: NodeJS.Timeout;
  #ticks = 0;
  #taken = false;

  constructor(over: (silence: Silence) => void) {
    this.#over = over;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  sign(): void {
    this.#taken = true;
    this.#ticks = 0;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    this.#ticks += 1;
    if (this.#ticks < (this.#taken ? TICKS_TO_HEAR : TICKS_TO_TAKE)) return;
    clearInterval(this.#timer);
    this.#over(this.#taken ? "silent" : "not_taken");
  }
}
