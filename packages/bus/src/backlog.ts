/** Bytes on their way to the broker after which it is asked how far it has come. */
const ASK_AFTER_BYTES = 256 * 1024;
/** Bytes that may be on their way. */
const MAX_BYTES = 8 << 20;

/** What was handed to a connection and may not have left this process: the client library itself would keep it without bound. */
export class Backlog {
  /** Resolves when the broker has read all that was sent before; rejects when the connection is lost. */
  readonly #flush: () => Promise<void>;
  #sent = 0;
  #confirmed = 0;
  #asking = false;

  constructor(flush: () => Promise<void>) {
    this.#flush = flush;
  }

  /** True when nothing more should be sent for now. */
  get full(): boolean {
    return this.#sent - this.#confirmed > MAX_BYTES;
  }

  add(bytes: number): void {
    this.#sent += bytes;
    if (!this.#asking && this.#sent - this.#confirmed > ASK_AFTER_BYTES) void this.#ask();
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    const sent = this.#sent;
    try {
      await this.#flush();
      this.#confirmed = sent;
    } catch {
      // The connection is gone, and this with it.
    } finally {
      this.#asking = false;
    }
  }
}
