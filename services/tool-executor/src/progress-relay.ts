/** Carries progress from a running tool to a reader that may be slower: only the latest report is kept. */
export class ProgressRelay<P> {
  #latest: P | undefined;
  #wake: (() => void) | undefined;

  report(progress: P): void {
    this.#latest = progress;
    this.#wake?.();
  }

  /** Yields reports until `done` settles, and returns what it settles to. */
  async *until<T>(done: Promise<T>): AsyncGenerator<P, T> {
    let settled = false;
    const end = done.finally(() => {
      settled = true;
    });
    end.catch(() => {});
    while (!settled) {
      await Promise.race([end, this.#next()]);
      const latest = this.#latest;
      this.#latest = undefined;
      if (latest !== undefined && !settled) yield latest;
    }
    return end;
  }

  #next(): Promise<void> {
    if (this.#latest !== undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
