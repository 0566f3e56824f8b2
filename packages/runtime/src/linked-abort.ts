/** Made once: an error costs its stack trace, and most work ends well. */
const OVER = new DOMException("the work is over", "AbortError");

/**
 * A controller whose signal follows other signals too, until it is disposed of; that aborts it, so that nothing of the work
 * outlives it. `AbortSignal.any` leaves its links to the garbage collector, which costs several times as much.
 */
export class LinkedAbort implements Disposable {
  readonly #controller = new AbortController();
  readonly #sources: readonly AbortSignal[];
  readonly #follow = (event: Event) => this.abort((event.target as AbortSignal).reason);

  constructor(...sources: AbortSignal[]) {
    this.#sources = sources;
    for (const source of sources) source.addEventListener("abort", this.#follow, { once: true });
    const aborted = sources.find((source) => source.aborted);
    if (aborted) this.abort(aborted.reason);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The first reason counts. */
  abort(reason: unknown): void {
    for (const source of this.#sources) source.removeEventListener("abort", this.#follow);
    this.#controller.abort(reason);
  }

  [Symbol.dispose](): void {
    this.abort(OVER);
  }
}
