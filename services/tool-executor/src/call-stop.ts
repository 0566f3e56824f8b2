export type StopReason = "timeout" | "cancelled" | "left";

/** Made once: an error costs its stack trace, and every call that ends well aborts what may still hang on its signal. */
const ERRORS: Readonly<Record<StopReason, DOMException>> = {
  timeout: stopError("timeout"),
  cancelled: stopError("cancelled"),
  left: stopError("left"),
};

function stopError(reason: StopReason): DOMException {
  return new DOMException(`the call was stopped (${reason})`, "AbortError");
}

/** Why and when a call has to stop: its time is over, somebody cancelled it, or its reader left. The first reason counts. */
export class CallStop implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #reader: AbortSignal;
  readonly #leave = () => this.stop("left");
  #reason: StopReason | undefined;

  /** `timeoutMs` is left out where something else bounds the time. */
  constructor(reader: AbortSignal, timeoutMs?: number) {
    if (timeoutMs !== undefined) this.#timer = setTimeout(() => this.stop("timeout"), timeoutMs);
    this.#reader = reader;
    reader.addEventListener("abort", this.#leave);
    if (reader.aborted) this.#leave();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Undefined while the call may go on. */
  get reason(): StopReason | undefined {
    return this.#reason;
  }

  stop(reason: StopReason): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#controller.abort(ERRORS[reason]);
  }

  /** Resolves when the call has to stop. */
  async stopped(): Promise<StopReason> {
    if (this.#reason === undefined) {
      await new Promise((resolve) => this.signal.addEventListener("abort", resolve, { once: true }));
    }
    return this.#reason ?? "cancelled";
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#reader.removeEventListener("abort", this.#leave);
  }
}
