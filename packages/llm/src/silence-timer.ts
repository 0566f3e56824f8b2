/** Aborts when the caller does, or when nothing was heard for too long. One timer a call, refreshed and never rebuilt. */
export class SilenceTimer implements Disposable {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  #graceTimer: NodeJS.Timeout | undefined;
  #expired = false;
  #held = false;

  constructor(timeoutMs: number, caller: AbortSignal) {
    this.#caller = caller;
    this.#timer = setTimeout(this.#expire, timeoutMs);
    if (caller.aborted) this.abort();
    else caller.addEventListener("abort", this.#follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The silence, not the caller, ended the call. */
  get expired(): boolean {
    return this.#expired;
  }

  /** Something was heard. */
  refresh(): void {
    this.#timer.refresh();
  }

  /** The call waits for its reader, not for the endpoint: no silence counts until `release`. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.#timer.refresh();
    this.#graceTimer?.refresh();
  }

  /** All that matters was heard: what still follows gets this long at most. */
  expireWithin(graceMs: number): void {
    this.#graceTimer ??= setTimeout(this.#expire, graceMs);
  }

  abort(): void {
    this.#controller.abort(this.#caller.reason);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#graceTimer);
    this.#caller.removeEventListener("abort", this.#follow);
  }

  readonly #follow = (): void => this.abort();

  readonly #expire = (): void => {
    if (this.#held) return;
    this.#expired = true;
    this.#controller.abort();
  };
}
