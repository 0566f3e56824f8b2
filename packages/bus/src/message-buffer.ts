import type { BusMessage } from "./bus.ts";

/** Bytes that may wait for one reader, however few the messages. */
const MAX_BYTES = 8 << 20;

export type BufferEvents = Readonly<{
  /** The reader has left. */
  left?: () => void;
  /** A message was dropped because the reader is too slow. */
  dropped?: () => void;
}>;

/** What waits for one reader, bounded. */
export class MessageBuffer implements AsyncIterable<BusMessage> {
  readonly #waiting: BusMessage[] = [];
  readonly #limit: number;
  readonly #events: BufferEvents;
  #wake: (() => void) | undefined;
  #bytes = 0;
  #ended = false;
  #dropped = 0;

  constructor(limit: number, events: BufferEvents = {}) {
    this.#limit = limit;
    this.#events = events;
  }

  get dropped(): number {
    return this.#dropped;
  }

  push(message: BusMessage): void {
    if (this.#ended) return;
    const { byteLength } = message.data;
    if (this.#waiting.length >= this.#limit || this.#bytes + byteLength > MAX_BYTES) this.#drop();
    else {
      this.#waiting.push(message);
      this.#bytes += byteLength;
    }
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
    this.#bytes = 0;
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<BusMessage> {
    try {
      for (;;) {
        const next = this.#waiting.shift();
        this.#bytes -= next?.data.byteLength ?? 0;
        if (next) yield next;
        else if (this.#ended) return;
        else await this.#woken();
      }
    } finally {
      this.clear();
      this.#events.left?.();
    }
  }

  #drop(): void {
    this.#dropped += 1;
    this.#events.dropped?.();
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
