import { encodeEvent } from "../event-codec-wire.ts";
import type { AppendOutcome, TurnLease } from "../ports.ts";
import type { TurnEvent, TurnEventBody } from "../turn-event.ts";
import { Pulse, withResolvers } from "./pulse.ts";
import { RecentEvents } from "./recent-events.ts";

/** The events of one append; they become durable together. */
type Write = {
  events: TurnEvent[];
  since: number;
  written: Promise<AppendOutcome>;
  resolve: (outcome: AppendOutcome) => void;
};

type Moving = Write & { encoded: Uint8Array[] };

/** Consecutive events on their way to the log as one row. */
export type Chunk = {
  epoch: number;
  firstSequence: number;
  lastSequence: number;
  data: Uint8Array;
  /** When the oldest of its events was handed in, by the process's clock. */
  since: number;
};

export type LiveTurnOptions = {
  lease: TurnLease;
  traceId: string;
  /** That of the log, where an earlier epoch has written it. */
  lastSequence?: number;
  /** Told of each chunk that has become durable. */
  deliver?: (chunk: Chunk) => void;
};

export const RECENT_BYTES = 256 * 1024;
/** Characters that pieces of text are joined up to while they wait. */
const JOINED_CHARACTERS = 16 * 1024;
/** A row stays well below what a reader takes in one page. */
const CHUNK_BYTES = 512 * 1024;

/**
 * A turn that this process writes: gives events their sequences, keeps at most one chunk on its way, and hands durable events
 * to readers. Closed once it has ended or is fenced.
 */
export class LiveTurn {
  readonly lease: TurnLease;
  readonly traceId: string;
  readonly recent: RecentEvents;
  /** Beats when events became durable, and when the turn is closed. */
  readonly pulse = new Pulse();
  #next: number;
  #queued: Write[] = [];
  #moving: Moving[] = [];
  #sealed = false;
  #closed = false;
  readonly #deliver: ((chunk: Chunk) => void) | undefined;
  #chunk: Chunk | undefined;

  constructor({ lease, traceId, lastSequence = 0, deliver }: LiveTurnOptions) {
    this.lease = lease;
    this.traceId = traceId;
    this.recent = new RecentEvents(RECENT_BYTES, lastSequence);
    this.#next = lastSequence + 1;
    this.#deliver = deliver;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Its terminal event is queued or written. */
  get sealed(): boolean {
    return this.#sealed;
  }

  /** Has events that may go into a group append now. */
  get ready(): boolean {
    return !this.#closed && !this.#sealed && this.#moving.length === 0 && this.#queued.length > 0;
  }

  /** The sequence that the next event gets. */
  get nextSequence(): number {
    return this.#next;
  }

  /** Queues events; resolves when they are durable or can no longer be. Nothing follows a terminal event. */
  write(bodies: readonly TurnEventBody[], createTime: Date): Promise<AppendOutcome> {
    if (this.#closed || this.#sealed) return Promise.resolve("fenced");
    if (bodies.length === 0) return Promise.resolve("durable");
    const joined = this.#join(bodies);
    if (joined) return joined;
    const events = bodies.map((body) => this.#place(body, createTime));
    const { promise: written, resolve } = withResolvers<AppendOutcome>();
    this.#queued.push({ events, since: performance.now(), written, resolve });
    return written;
  }

  /** Queues the terminal event behind all others, once, and keeps them from group appends: finish takes them along. */
  seal(terminal: TurnEventBody, createTime: Date): Promise<AppendOutcome> {
    const written = this.write([terminal], createTime);
    this.#sealed = true;
    return written;
  }

  /** Resolves when no chunk is on its way; the queue is then the caller's to take. */
  async settled(signal: AbortSignal): Promise<void> {
    while (this.#moving.length > 0 && !this.#closed) {
      if ((await this.pulse.wait(60_000, signal)) === "aborted") return;
    }
  }

  /** What is queued, up to a chunk's size unless `all`, as one chunk; it stays on its way until landed() or close(). */
  take(all = false): Chunk | undefined {
    this.#moving = [];
    let bytes = 0;
    for (const write of this.#queued) {
      const encoded = write.events.map(encodeEvent);
      bytes += encoded.reduce((sum, { length }) => sum + length, 0);
      // At least one write goes, however large.
      if (!all && bytes > CHUNK_BYTES && this.#moving.length > 0) break;
      this.#moving.push({ ...write, encoded });
    }
    this.#queued.splice(0, this.#moving.length);
    const events = this.#moving.flatMap((write) => write.events);
    const [first, last] = [events[0], events.at(-1)];
    if (!first || !last) return undefined;
    this.#chunk = {
      epoch: this.lease.epoch,
      firstSequence: first.sequence,
      lastSequence: last.sequence,
      data: Buffer.concat(this.#moving.flatMap(({ encoded }) => encoded)),
      since: this.#moving[0]?.since ?? performance.now(),
    };
    return this.#chunk;
  }

  /** The chunk on its way is durable: readers get its events, writers their answer. */
  landed(): void {
    const writes = this.#moving;
    this.#moving = [];
    for (const { events, encoded } of writes) {
      for (const [at, event] of events.entries()) this.recent.push(event, encoded[at]?.length ?? 0);
    }
    for (const { resolve } of writes) resolve("durable");
    if (this.#chunk) this.#deliver?.(this.#chunk);
    this.#chunk = undefined;
    this.pulse.beat();
  }

  /** No more writes from here, ever; what was not durable is answered "fenced". Readers go on from the log. */
  close(): void {
    this.#closed = true;
    const writes = [...this.#moving, ...this.#queued];
    this.#moving = [];
    this.#queued = [];
    for (const { resolve } of writes) resolve("fenced");
    this.pulse.beat();
  }

  /** Text that follows text which still waits becomes a part of it: what is slow to be written costs no event a word. */
  #join(bodies: readonly TurnEventBody[]): Promise<AppendOutcome> | undefined {
    const waiting = this.#queued.at(-1);
    const last = waiting?.events.at(-1);
    const [only, ...others] = bodies;
    if (!waiting || last?.body.kind !== "outputTextDelta") return undefined;
    if (only?.kind !== "outputTextDelta" || others.length > 0) return undefined;
    const text = last.body.text + only.text;
    if (text.length > JOINED_CHARACTERS) return undefined;
    waiting.events[waiting.events.length - 1] = { ...last, body: { kind: "outputTextDelta", text } };
    return waiting.written;
  }

  #place(body: TurnEventBody, createTime: Date): TurnEvent {
    const { turnId, epoch } = this.lease;
    const sequence = this.#next;
    this.#next += 1;
    return { turnId, sequence, epoch, createTime, stepId: "", traceId: this.traceId, body };
  }
}
