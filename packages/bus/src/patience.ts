/** Milliseconds in which whoever takes a call says so, and in which it then says something again. */
const TAKEN_WITHIN_MS = 1_000;
const HEARD_WITHIN_MS = 2_000;

export type Silence = "not_taken" | "silent";

/** Waits for signs of life of one call, until it is disposed of. Each sign begins the waiting anew. */
export class Patience implements Disposable {
  readonly #over: (silence: Silence) => void;
  #timer: NodeJS.Timeout;
  #signs = 0;

  constructor(over: (silence: Silence) => void) {
    this.#over = over;
    this.#timer = setTimeout(() => this.#judge("not_taken"), TAKEN_WITHIN_MS);
  }

  sign(): void {
    this.#signs += 1;
    if (this.#signs > 1) this.#timer.refresh();
    else {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#judge("silent"), HEARD_WITHIN_MS);
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#signs += 1;
  }

  /** A sign that came while this process was busy counts: sockets are read before it is over. */
  #judge(silence: Silence): void {
    const signs = this.#signs;
    setImmediate(() => {
      if (signs === this.#signs) this.#over(silence);
    });
  }
}
