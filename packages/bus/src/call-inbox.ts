import { randomUUID } from "node:crypto";
import type { Bus, BusHeaders, BusMessage } from "./bus.ts";
import type { BusObserver } from "./bus-event.ts";
import { CALL_ID_HEADER } from "./call-headers.ts";
import { MessageBuffer } from "./message-buffer.ts";
import { Patience, type Silence } from "./patience.ts";
import type { Subject } from "./subject.ts";
import type { Subjects } from "./subjects.ts";

/** Answers that may wait for one reader. */
const PENDING = 256;

export type PublishedCall = Readonly<{
  turnId: string;
  callId: string;
  to: Subject;
  data: Uint8Array;
  headers: BusHeaders;
}>;

/** An answer to a call, or why none will come: nobody listens, nobody has taken it in time, or its taker has gone silent. */
export type CallAnswer =
  | Readonly<{ kind: "message"; message: BusMessage }>
  | Readonly<{ kind: "no_responders" | Silence }>;

type Waiting = { to: Subject; buffer: MessageBuffer; patience: Patience; answered: boolean };

/**
 * Publishes calls and gathers what comes back of all of them on one subscription, however many turns and calls there are:
 * `fr.<env>.inbox.<turn>.<this process>`, told apart by call id.
 */
export class CallInbox implements Disposable {
  readonly #bus: Bus;
  readonly #subjects: Subjects;
  readonly #observe: BusObserver;
  readonly #owner = randomUUID();
  readonly #turns = new Map<Subject, Map<string, Waiting>>();
  readonly #closing = new AbortController();

  private constructor(bus: Bus, subjects: Subjects, observe: BusObserver) {
    this.#bus = bus;
    this.#subjects = subjects;
    this.#observe = observe;
  }

  /** `observe` is told of answers that their reader was too slow for. */
  static async open(bus: Bus, subjects: Subjects, observe: BusObserver = () => {}): Promise<CallInbox> {
    const inbox = new CallInbox(bus, subjects, observe);
    const answers = await bus.subscribe(subjects.inboxes(inbox.#owner), { signal: inbox.#closing.signal });
    void inbox.#sort(answers);
    return inbox;
  }

  /**
   * Publishes a call and gives its answers as they come. Messages have no end of their own: the reader knows the last one and
   * leaves. `signal` ends them too. @throws BusError for a call that cannot be sent.
   */
  async *call(
    { turnId, callId, to, data, headers }: PublishedCall,
    signal: AbortSignal,
  ): AsyncGenerator<CallAnswer> {
    signal.throwIfAborted();
    const reply = this.#subjects.inbox(turnId, this.#owner);
    const calls = this.#turns.get(reply) ?? new Map<string, Waiting>();
    const dropped = () => this.#observe({ kind: "dropped", reason: "slow_reader", on: reply });
    const buffer = new MessageBuffer(PENDING, { dropped });
    const stop = () => buffer.clear();
    let silence: Silence | undefined;
    using patience = new Patience((kind) => {
      silence = kind;
      buffer.end();
    });
    this.#turns.set(reply, calls.set(callId, { to, buffer, patience, answered: false }));
    signal.addEventListener("abort", stop, { once: true });
    try {
      this.#bus.publish(to, data, { headers: { ...headers, [CALL_ID_HEADER]: callId }, reply });
      for await (const message of buffer)
        yield message.noResponders ? { kind: "no_responders" } : { kind: "message", message };
      if (silence) yield { kind: silence };
    } finally {
      signal.removeEventListener("abort", stop);
      calls.delete(callId);
      if (calls.size === 0) this.#turns.delete(reply);
    }
  }

  [Symbol.dispose](): void {
    this.#closing.abort();
    for (const calls of this.#turns.values()) for (const { buffer } of calls.values()) buffer.end();
  }

  async #sort(answers: AsyncIterable<BusMessage>): Promise<void> {
    for await (const message of answers) {
      const calls = this.#turns.get(message.subject);
      const callId = message.headers[CALL_ID_HEADER];
      for (const waiting of message.noResponders ? unheard(calls, message) : one(calls, callId)) {
        waiting.answered = true;
        waiting.patience.sign();
        waiting.buffer.push(message);
      }
    }
  }
}

/** The bus says at most where a call went that nobody heard, not which one it was: one that has been answered it was not. */
function unheard(calls: ReadonlyMap<string, Waiting> | undefined, { unheard }: BusMessage): Waiting[] {
  const meant = ({ to, answered }: Waiting) => !answered && (unheard === undefined || to === unheard);
  return [...(calls?.values() ?? [])].filter(meant);
}

function one(calls: ReadonlyMap<string, Waiting> | undefined, callId: string | undefined): Waiting[] {
  const waiting = callId === undefined ? undefined : calls?.get(callId);
  return waiting ? [waiting] : [];
}
