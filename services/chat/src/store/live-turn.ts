import { encodeEvent } from "../event-codec-wire.ts";
import type { AppendOutcome, TurnLease } from "../ports.ts";
import type { TurnEvent, TurnEventBody } from "../turn-event.ts";
import { Pulse, withResolvers } from "./pulse.ts";
import { RecentEvents } from "./recent-events.ts";

type Entry = { event: TurnEvent; bytes: Uint8Array };

/** The events of one append; they become durable together. */
type Write = { entries: Entry[]; since: number; resolve: (outcome: AppendOutcome) => void };

/** Consecutive events on their way to the log as one row. */
export type Chunk = {
  firstSequence: number;
  lastSequence: number;
  data: Uint8Array;
  /** When the oldest of its events was handed in, by the process's clock. */
  since: number;
};

const RECENT_BYTES = 256 * 1024;
/** A row stays well below what a reader takes in one page. */
const CHUNK_BYTES = 512 * 1024;

/**
 * A turn that this process writes: gives events their sequences, keeps at most one chunk on its way, and hands durable events
 * to readers. Closed once it has ended or is fenced.
 */
export class LiveTurn {
  readonly lease: TurnLease;
  readonly traceId: string;
  readonly recent = new RecentEvents(RECENT_BYTES);
  /** Beats when events became durable, and when the turn is closed. */
  readonly pulse = new Pulse();
  #next = 1;
  #queued: Write[] = [];
  #moving: Write[] = [];
  #sealed = false;
  #closed = false;

  constructor(lease: TurnLease, traceId: string) {
    this.lease = lease;
    this.traceId = traceId;
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
    const entries = bodies.map((body) => this.#place(body, createTime));
    const { promise, resolve } = withResolvers<AppendOutcome>();
    this.#queued.push({ entries, since: performance.now(), resolve });
    return promise;
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
    let bytes = 0;
    const count = this.#queued.findIndex(({ entries }) => {
      bytes += sizeOf(entries);
      return !all && bytes > CHUNK_BYTES;
    });
    // At least one write goes, however large.
    this.#moving = this.#queued.splice(0, count < 0 ? this.#queued.length : Math.max(1, count));
    const entries = this.#moving.flatMap((write) => write.entries);
    const [first, last] = [entries[0], entries.at(-1)];
    if (!first || !last) return undefined;
    return {
      firstSequence: first.event.sequence,
      lastSequence: last.event.sequence,
      data: Buffer.concat(entries.map((entry) => entry.bytes)),
      since: this.#moving[0]?.since ?? performance.now(),
    };
  }

  /** The chunk on its way is durable: readers get its events, writers their answer. */
  landed(): void {
    const writes = this.#moving;
    this.#moving = [];
    for (const { entries } of writes) {
      for (const { event, bytes } of entries) this.recent.push(event, bytes.length);
    }
    for (const { resolve } of writes) resolve("durable");
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

  #place(body: TurnEventBody, createTime: Date): Entry {
    const { turnId, epoch } = this.lease;
    const event: TurnEvent = {
      turnId,
      sequence: this.#next,
      epoch,
      createTime,
      stepId: "",
      traceId: this.traceId,
      body,
    };
    const bytes = encodeEvent(event);
    this.#next += 1;
    return { event, bytes };
  }
}

function sizeOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
