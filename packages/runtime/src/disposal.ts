/** Closes what was opened, in reverse order, all of it even when one fails; the first fault is thrown at the end. */
export class DisposalStack implements AsyncDisposable {
  readonly #entries: (() => unknown)[] = [];

  /** Registers a cleanup and returns its subject. */
  use<T extends AsyncDisposable | Disposable>(subject: T): T {
    this.#entries.push(() =>
      Symbol.asyncDispose in subject ? subject[Symbol.asyncDispose]() : subject[Symbol.dispose](),
    );
    return subject;
  }

  defer(cleanup: () => unknown): void {
    this.#entries.push(cleanup);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const faults: unknown[] = [];
    for (let entry = this.#entries.pop(); entry; entry = this.#entries.pop()) {
      try {
        await entry();
      } catch (fault) {
        faults.push(fault);
      }
    }
    if (faults.length > 0) throw faults[0];
  }
}
