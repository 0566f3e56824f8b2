import type { Subject, SubjectPattern } from "./subject.ts";

/** Names are ASCII tokens; values are one line, and blanks around them are not kept. */
export type BusHeaders = Readonly<Record<string, string>>;

export type BusMessage = Readonly<{
  subject: Subject;
  /** Not to be changed by anybody once it is sent. */
  data: Uint8Array;
  headers: BusHeaders;
  /** Where an answer goes; undefined when none is expected. */
  reply: Subject | undefined;
  /** Said by the bus itself, on the reply subject, in place of an answer: nobody listens to what was published. */
  noResponders: boolean;
  /** With `noResponders`: where that was published, which older brokers do not say. */
  unheard?: Subject | undefined;
}>;

export type PublishOptions = Readonly<{ headers?: BusHeaders; reply?: Subject }>;

export type SubscribeOptions = Readonly<{
  /** Each message goes to one subscription of a queue group, and to every subscription without one. */
  queue?: string;
  /** Ends the subscription at once. */
  signal: AbortSignal;
  /** Messages that may wait to be read; those that come on top are dropped and counted. */
  pending?: number;
  /** Called when messages may have been lost: the reader was too slow, or there was no connection for a while. */
  lost?: () => void;
}>;

/** Messages in the order in which each sender published them. Leaving the loop ends the subscription. */
export type Subscription = AsyncIterable<BusMessage> & {
  /** Messages lost because the reader was too slow. */
  readonly dropped: number;
  /** Hears nothing new, and ends when what was on its way has been read. Resolves then. */
  drain(): Promise<void>;
};

export type RequestOptions = Readonly<{
  headers?: BusHeaders;
  /** Milliseconds to wait for the answer. */
  timeoutMs: number;
  /** Its reason is thrown. */
  signal: AbortSignal;
}>;

export type RequestOutcome =
  | Readonly<{ kind: "reply"; message: BusMessage }>
  | Readonly<{ kind: "no_responders" | "timeout" }>;

/** Messages between processes, at most once: what matters is kept elsewhere. The semantics are those of NATS core. */
export type Bus = {
  /** Bytes of a message at most. */
  readonly maxPayloadBytes: number;
  /**
   * Returns before anybody has read the message; without a connection nobody does, which counts as no responders.
   * @throws BusError for a payload or headers that cannot be sent, and once the bus is closed.
   */
  publish(subject: Subject, data: Uint8Array, options?: PublishOptions): void;
  /**
   * Resolves when messages published from then on, by anybody, are heard; without a connection at once, to hear once there is
   * one, and after half a second where the broker does not answer.
   */
  subscribe(pattern: SubjectPattern, options: SubscribeOptions): Promise<Subscription>;
  /** One message, and the first answer to it. */
  request(subject: Subject, data: Uint8Array, options: RequestOptions): Promise<RequestOutcome>;
  /** Drains every subscription, then closes. */
  drain(): Promise<void>;
} & AsyncDisposable;

/** A message that cannot be sent, or a bus that is closed. */
export class BusError extends Error {
  override readonly name = "BusError";
  readonly reason: "closed" | "payload_too_large" | "bad_header";

  constructor(reason: BusError["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}
