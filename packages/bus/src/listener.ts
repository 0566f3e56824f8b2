import type { BusMessage, SubscribeOptions } from "./bus.ts";
import { MessageBuffer } from "./message-buffer.ts";
import { matcherOf, type Subject, type SubjectPattern } from "./subject.ts";

/** Messages that may wait for a reader who does not say how many. */
const PENDING = 1_024;

export type ListenerEvents = Readonly<{
  /** Its signal has aborted, or its reader has left. */
  ended(listener: Listener): void;
  /** A message was dropped because its reader is too slow. */
  dropped?(): void;
}>;

/** One subscription: what is heard on it waits until its reader takes it. */
export class Listener {
  readonly pattern: SubjectPattern;
  readonly queue: string | undefined;
  readonly matches: (subject: Subject) => boolean;
  readonly buffer: MessageBuffer;
  /** To be told where messages may have been lost. */
  readonly lost: () => void;
  /** Resolves when its reader has left. */
  readonly left: Promise<void>;

  constructor(pattern: SubjectPattern, options: SubscribeOptions, events: ListenerEvents) {
    const { queue, signal, pending = PENDING, lost = () => {} } = options;
    this.pattern = pattern;
    this.queue = queue;
    this.matches = matcherOf(pattern);
    this.lost = lost;
    let leave = () => {};
    this.left = new Promise((resolve) => {
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
}

/** What the bus itself says on a reply subject: nobody listens. */
export function noResponders(reply: Subject): BusMessage {
  return { subject: reply, data: NOTHING, headers: {}, reply: undefined, noResponders: true };
}

const NOTHING = new Uint8Array();
