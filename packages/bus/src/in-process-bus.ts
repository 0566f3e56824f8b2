import type {
  Bus,
  BusMessage,
  PublishOptions,
  RequestOptions,
  RequestOutcome,
  SubscribeOptions,
  Subscription,
} from "./bus.ts";
import { Listener, noResponders } from "./listener.ts";
import { checkHeaders, checkPayload, closedError } from "./message-rules.ts";
import { type Subject, type SubjectPattern, subject } from "./subject.ts";

/** As large as any message between services. */
const MAX_PAYLOAD_BYTES = 4 << 20;

/** The bus of one process. Nothing is copied: a message's bytes belong to all once it is sent. */
export class InProcessBus implements Bus {
  readonly maxPayloadBytes: number;
  readonly #listeners = new Set<Listener>();
  #requests = 0;
  #closed = false;

  constructor({ maxPayloadBytes = MAX_PAYLOAD_BYTES } = {}) {
    this.maxPayloadBytes = maxPayloadBytes;
  }

  publish(to: Subject, data: Uint8Array, { headers, reply }: PublishOptions = {}): void {
    if (this.#closed) throw closedError();
    checkPayload(data, this.maxPayloadBytes);
    const message = { subject: to, data, headers: checkHeaders(headers), reply, noResponders: false };
    if (this.#deliver(message) > 0 || reply === undefined) return;
    this.#deliver(noResponders(reply, to));
  }

  async subscribe(pattern: SubjectPattern, options: SubscribeOptions): Promise<Subscription> {
    return this.#listen(pattern, options);
  }

  async request(to: Subject, data: Uint8Array, options: RequestOptions): Promise<RequestOutcome> {
    const { headers = {}, timeoutMs, signal } = options;
    signal.throwIfAborted();
    const over = new AbortController();
    const end = () => over.abort();
    const timer = setTimeout(end, timeoutMs);
    signal.addEventListener("abort", end, { once: true });
    this.#requests += 1;
    const reply = subject("_INBOX", String(this.#requests));
    try {
      const answers = this.#listen(reply, { signal: over.signal, pending: 1 });
      this.publish(to, data, { headers, reply });
      for await (const message of answers)
        return message.noResponders ? { kind: "no_responders" } : { kind: "reply", message };
      signal.throwIfAborted();
      if (this.#closed) throw closedError();
      return { kind: "timeout" };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
    }
  }

  async drain(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#listeners].map((listener) => listener.drain()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const { buffer } of this.#listeners) buffer.clear();
    this.#listeners.clear();
  }

  #listen(pattern: SubjectPattern, options: SubscribeOptions): Listener {
    if (this.#closed) throw closedError();
    const listener = new Listener(pattern, options, {
      ended: (one) => this.#listeners.delete(one),
      quiet: async (one) => void this.#listeners.delete(one),
    });
    if (!options.signal.aborted) this.#listeners.add(listener);
    return listener;
  }

  /** To every listener of its own, and to one of each queue group. Gives how many hear it. */
  #deliver(message: BusMessage): number {
    const groups = new Map<string, Listener[]>();
    let heard = 0;
    for (const listener of this.#listeners) {
      if (!listener.matches(message.subject)) continue;
      heard += 1;
      if (listener.queue === undefined) listener.buffer.push(message);
      else groups.set(listener.queue, [...(groups.get(listener.queue) ?? []), listener]);
    }
    for (const members of groups.values())
      members[Math.floor(Math.random() * members.length)]?.buffer.push(message);
    return heard;
  }
}
