import type { BusMessage, SubscribeOptions, Subscription } from "./bus.ts";
import { MessageBuffer } from "./message-buffer.ts";
import { matcherOf, type Subject, type SubjectPattern } from "./subject.ts";

/** Messages that may wait for a reader who does not say how many. */
const PENDING = 1_024;

export type ListenerEvents = Readonly<{
  /** Its signal has aborted, or its reader has left. */
  ended(listener: Listener): void;
  /** A message was dropped because its reader is too slow. */
  dropped?(): void;
  /** Stops what brings messages; resolves when the last one on its way has come. Nothing is on its way where this is left out. */
  quiet?(listener: Listener): Promise<void>;
}>;

/** One subscription: what is heard on it waits until its reader takes it. */
export class Listener implements Subscription {
  readonly pattern: SubjectPattern;
  readonly queue: string | undefined;
  readonly matches: (subject: Subject) => boolean;
  readonly buffer: MessageBuffer;
  /** To be told where messages may have been lost. */
  readonly lost: () => void;
  readonly #events: ListenerEvents;
  readonly #left: Promise<void>;

  constructor(pattern: SubjectPattern, options: SubscribeOptions, events: ListenerEvents) {
    const { queue, signal, pending = PENDING, lost = () => {} } = options;
    this.pattern = pattern;
    this.queue = queue;
    this.matches = matcherOf(pattern);
    this.lost = lost;
    this.#events = events;
    let leave = () => {};
    this.#left = new Promise((resolve) => {
      leave = resolve;
    });
    const end = () => {
      signal.removeEventListener("abort", stop);
      events.ended(this);
      leave();
    };
    const stop = () => {
      this.buffer.clear();
      end();
    };
    const dropped = () => {
      events.dropped?.();
      lost();
    };
    this.buffer = new MessageBuffer(pending, { left: end, dropped });
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  }

  get dropped(): number {
    return this.buffer.dropped;
  }

  async drain(): Promise<void> {
    await this.#events.quiet?.(this);
    this.buffer.end();
    await this.#left;
  }

  [Symbol.asyncIterator](): AsyncIterator<BusMessage> {
    return this.buffer[Symbol.asyncIterator]();
  }
}

/** What the bus itself says on a reply subject: nobody listens to what was published on `unheard`. */
export function noResponders(reply: Subject, unheard: Subject): BusMessage {
  return { subject: reply, data: NOTHING, headers: {}, reply: undefined, noResponders: true, unheard };
}

const NOTHING = new Uint8Array();
