import type { BusMessage, Subscription } from "./bus.ts";

/** What waits for one reader, bounded. */
export class MessageBuffer implements Subscription {
  readonly #waiting: BusMessage[] = [];
  readonly #limit: number;
  readonly #left: () => void;
  #wake: (() => void) | undefined;
  #ended = false;
  #dropped = 0;

  /** `left` is called when the reader leaves. */
  constructor(limit: number, left: () => void = () => {}) {
    this.#limit = limit;
    this.#left = left;
  }

  get dropped(): number {
    return this.#dropped;
  }

  push(message: BusMessage): void {
    if (this.#ended) return;
    if (this.#waiting.length >= this.#limit) this.#dropped += 1;
    else this.#waiting.push(message);
    this.#wake?.();
  }

  /** Nothing more comes; the reader still gets what waits. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** Ends at once: what waits is let go. */
  clear(): void {
    this.#waiting.length = 0;
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<BusMessage> {
    try {
      for (;;) {
        const next = this.#waiting.shift();
        if (next) yield next;
        else if (this.#ended) return;
        else await this.#woken();
      }
    } finally {
      this.clear();
      this.#left();
    }
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
