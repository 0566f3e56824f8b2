import { setTimeout as delay } from "node:timers/promises";
import type { Msg, NatsConnection, NatsError, Subscription as NatsSubscription } from "nats";
import { Backlog } from "./backlog.ts";
import type { BrokerAddress } from "./broker-address.ts";
import type {
  Bus,
  BusHeaders,
  PublishOptions,
  RequestOptions,
  RequestOutcome,
  SubscribeOptions,
  Subscription,
} from "./bus.ts";
import type { BusObserver, DropReason } from "./bus-event.ts";
import { Listener, noResponders } from "./listener.ts";
import { checkHeaders, checkPayload, closedError, tooLargeError } from "./message-rules.ts";
import { fromNats, isTooLarge, toNatsHeaders } from "./nats-message.ts";
import { PendingRequests } from "./pending-requests.ts";
import { stayConnected, wordsOf } from "./stay-connected.ts";
import type { Subject, SubjectPattern } from "./subject.ts";

/** What a broker takes that does not say otherwise, and what this process takes until it has met one. */
const MAX_PAYLOAD_BYTES = 1 << 20;
/** Longest wait for a broker to say that it has read what was sent. */
const ANSWER_MS = 500;
/** Answers to requests that may wait to be sorted. */
const PENDING_REPLIES = 8_192;

export type NatsOptions = Readonly<{
  broker: BrokerAddress;
  /** How this process is called at the broker. */
  name: string;
  /** Where the answer to each request of this process comes back, by its number; and all of them. */
  replies: Readonly<{ to(request: number): Subject; all: SubjectPattern }>;
  observe: BusObserver;
}>;

type Outgoing = Readonly<{ to: Subject; data: Uint8Array; headers: BusHeaders; reply: Subject | undefined }>;

/** A connection, and what is heard on it. */
type Session = Readonly<{
  connection: NatsConnection;
  backlog: Backlog;
  heard: Map<Listener, NatsSubscription>;
}>;

/**
 * NATS core. It connects for as long as it is open; nothing is kept for when there is a connection again, so that whoever waits
 * for an answer learns at once that nobody hears.
 */
export class NatsBus implements Bus {
  readonly #options: NatsOptions;
  readonly #listeners = new Set<Listener>();
  readonly #requests: PendingRequests;
  readonly #closing = new AbortController();
  readonly #connecting: Promise<void>;
  #session: Session | undefined;
  #connectedBefore = false;
  #toldOfLoss = false;
  #hearsReplies = false;
  #closed = false;
  #maxPayloadBytes = MAX_PAYLOAD_BYTES;

  private constructor(options: NatsOptions, tried: () => void) {
    this.#options = options;
    this.#requests = new PendingRequests(options.replies.to);
    const { broker, name, observe } = options;
    this.#connecting = stayConnected({
      broker,
      name,
      signal: this.#closing.signal,
      use: (connection) => this.#use(connection, tried),
      failed: (why) => {
        tried();
        if (!this.#closed && !this.#toldOfLoss) observe({ kind: "disconnected", why });
        this.#toldOfLoss = true;
      },
    });
  }

  /** Resolves when the broker has been reached, or could not be; it is tried again then, for ever. */
  static open(options: NatsOptions): Promise<NatsBus> {
    return new Promise((resolve) => {
      const bus = new NatsBus(options, () => resolve(bus));
    });
  }

  get maxPayloadBytes(): number {
    return this.#maxPayloadBytes;
  }

  publish(to: Subject, data: Uint8Array, { headers, reply }: PublishOptions = {}): void {
    if (this.#closed) throw closedError();
    checkPayload(data, this.#maxPayloadBytes);
    const message = { to, data, headers: checkHeaders(headers), reply };
    const session = this.#session;
    if (!session || session.connection.isClosed()) this.#lose("disconnected", message);
    else if (session.backlog.full) this.#lose("backlog", message);
    else this.#send(message, session);
  }

  async subscribe(pattern: SubjectPattern, options: SubscribeOptions): Promise<Subscription> {
    const subscription = this.#listen(pattern, options);
    // A connection that is lost meanwhile is made anew with it.
    if (this.#session) await untilRead(this.#session.connection);
    return subscription;
  }

  async request(to: Subject, data: Uint8Array, options: RequestOptions): Promise<RequestOutcome> {
    const { headers = {}, signal } = options;
    signal.throwIfAborted();
    this.#hearReplies();
    return this.#requests.ask((reply) => this.publish(to, data, { headers, reply }), options);
  }

  async drain(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#listeners].map((listener) => listener.drain()));
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#closing.abort();
    for (const { buffer } of this.#listeners) buffer.clear();
    this.#listeners.clear();
    this.#requests.close();
    const connection = this.#session?.connection;
    if (connection) await untilRead(connection);
    await connection?.close();
    await this.#connecting;
  }

  /** Everything that is listened to is listened to on this connection, until it is lost. */
  async #use(connection: NatsConnection, ready: () => void): Promise<string> {
    if (this.#closed) await connection.close();
    else await this.#begin(connection);
    ready();
    const fault = await connection.closed();
    this.#session = undefined;
    return wordsOf(fault);
  }

  async #begin(connection: NatsConnection): Promise<void> {
    const session = { connection, backlog: new Backlog(() => connection.flush()), heard: new Map() };
    this.#session = session;
    this.#maxPayloadBytes = connection.info?.max_payload ?? MAX_PAYLOAD_BYTES;
    void this.#watch(connection);
    for (const listener of this.#listeners) this.#hear(listener, session);
    try {
      await connection.flush();
    } catch {
      // Lost again already.
      return;
    }
    this.#options.observe({ kind: "connected" });
    this.#toldOfLoss = false;
    if (this.#connectedBefore) for (const { lost } of this.#listeners) lost();
    this.#connectedBefore = true;
  }

  /** Tells what the broker refuses. */
  async #watch(connection: NatsConnection): Promise<void> {
    for await (const { permissionContext } of connection.status())
      if (permissionContext) this.#options.observe({ kind: "refused", ...permissionContext });
  }

  #listen(pattern: SubjectPattern, options: SubscribeOptions): Subscription {
    if (this.#closed) throw closedError();
    const listener = new Listener(pattern, options, {
      ended: (one) => this.#forget(one),
      dropped: () => this.#options.observe({ kind: "dropped", reason: "slow_reader", on: pattern }),
      quiet: (one) => this.#quiet(one),
    });
    if (options.signal.aborted) return listener;
    this.#listeners.add(listener);
    if (this.#session) this.#hear(listener, this.#session);
    return listener;
  }

  #hear(listener: Listener, { connection, heard }: Session): void {
    const { pattern, queue } = listener;
    const callback = (fault: NatsError | null, message: Msg) => {
      if (!fault) this.#take(message, listener);
    };
    if (!connection.isClosed())
      heard.set(listener, connection.subscribe(pattern, { callback, ...(queue && { queue }) }));
  }

  /** What is thrown in here would end the client library's reading of this connection, silently. */
  #take(message: Msg, { buffer, pattern }: Listener): void {
    try {
      buffer.push(fromNats(message));
    } catch {
      this.#options.observe({ kind: "dropped", reason: "undecodable", on: pattern });
    }
  }

  /** The broker's answer to the end of a subscription comes after the last message on it. */
  async #quiet(listener: Listener): Promise<void> {
    this.#listeners.delete(listener);
    await this.#session?.heard
      .get(listener)
      ?.drain()
      .catch(() => {});
  }

  #send({ to, data, headers, reply }: Outgoing, { connection, backlog }: Session): void {
    try {
      connection.publish(to, data, { ...toNatsHeaders(headers), ...(reply && { reply }) });
    } catch (fault) {
      // The headers count as well.
      throw isTooLarge(fault) ? tooLargeError(data.byteLength, this.#maxPayloadBytes) : fault;
    }
    backlog.add(data.byteLength);
  }

  #forget(listener: Listener): void {
    this.#listeners.delete(listener);
    this.#session?.heard.get(listener)?.unsubscribe();
    this.#session?.heard.delete(listener);
  }

  /** A message that is not sent is one that nobody hears. */
  #lose(reason: DropReason, { to, reply }: Outgoing): void {
    this.#options.observe({ kind: "dropped", reason, on: to });
    if (reply === undefined) return;
    for (const { matches, buffer } of this.#listeners)
      if (matches(reply)) buffer.push(noResponders(reply, to));
  }

  /** One subscription for the answers to all requests, from the first one on. */
  #hearReplies(): void {
    if (this.#hearsReplies) return;
    this.#hearsReplies = true;
    const { signal } = this.#closing;
    void this.#sort(this.#listen(this.#options.replies.all, { signal, pending: PENDING_REPLIES }));
  }

  async #sort(replies: Subscription): Promise<void> {
    for await (const message of replies) this.#requests.hear(message);
  }
}

/** Resolves when the broker has read what was sent so far, or has not said so in time. */
async function untilRead(connection: NatsConnection): Promise<void> {
  const late = new AbortController();
  const over = delay(ANSWER_MS, undefined, { signal: late.signal }).catch(() => {});
  await Promise.race([connection.flush().catch(() => {}), over]);
  late.abort();
}
