/**
 * A bounded queue between one producer and one consumer. The producer is told when the queue is full and waits for room; the
 * consumer sees every message pushed before the end, or the failure at once.
 */
export class MessageQueue<T> implements AsyncIterable<T>, AsyncIterator<T> {
  readonly #limit: number;
  readonly #items: { value: T; size: number }[] = [];
  #size = 0;
  #state: "open" | "ended" | "failed" = "open";
  #failure: unknown;
  #waiting: { resolve(result: IteratorResult<T>): void; reject(error: unknown): void } | undefined;
  #room: (() => void) | undefined;

  /** `limit` counts in the unit of the sizes pushed: messages, or bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Adds a message. Returns a promise of room when the queue is full, and nothing while there is room. */
  push(value: T, size = 1): Promise<void> | undefined {
    if (this.#state !== "open") return undefined;
    if (this.#waiting) {
      const { resolve } = this.#waiting;
      this.#waiting = undefined;
      resolve({ done: false, value });
      return undefined;
    }
    this.#items.push({ value, size });
    this.#size += size;
    if (this.#size < this.#limit) return undefined;
    return new Promise((resolve) => {
      this.#room = resolve;
    });
  }

  /** The consumer still gets what is queued, then the end. The first end or failure counts. */
  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ended";
    this.#waiting?.resolve({ done: true, value: undefined });
    this.#release();
  }

  /** Fails the stream. With `after: "queued"` the consumer first gets what is queued, as it would from a network. */
  fail(error: unknown, after: "now" | "queued" = "now"): void {
    if (this.#state !== "open") return;
    this.#state = "failed";
    this.#failure = error;
    if (after === "now") this.#items.length = 0;
    this.#waiting?.reject(error);
    this.#release();
  }

  next(): Promise<IteratorResult<T>> {
    const item = this.#items.shift();
    if (item) {
      this.#size -= item.size;
      if (this.#size < this.#limit) this.#release();
      return Promise.resolve({ done: false, value: item.value });
    }
    if (this.#state === "ended") return Promise.resolve({ done: true, value: undefined });
    if (this.#state === "failed") return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    return this;
  }

  #release(): void {
    if (this.#state !== "open") this.#waiting = undefined;
    this.#room?.();
    this.#room = undefined;
  }
}
