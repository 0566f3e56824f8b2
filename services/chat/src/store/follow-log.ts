import type { Database } from "@forerun/db/database";
import type { Caller } from "@forerun/runtime/caller";
import { LinkedAbort } from "@forerun/runtime/linked-abort";
import type { StreamItem, TurnEvent } from "../turn-event.ts";
import type { LiveTurn } from "./live-turn.ts";
import type { GapCause, OnGap } from "./log-gap.ts";
import { Pulse } from "./pulse.ts";
import type { TurnRow } from "./read-statements.ts";
import { getRow, readEvents, turnOf } from "./read-turn.ts";
import type { SharedReads } from "./shared-reads.ts";
import { isTerminal, terminalEvent } from "./terminal-event.ts";
import type { WatchedTurn, WatchedTurns } from "./watched-turns.ts";

export type FollowDeps = {
  db: Database;
  /** The turn where this process writes it. */
  live(turnId: string): LiveTurn | undefined;
  /** The turns that others write, where there is a way to hear of them. */
  watched?: WatchedTurns | undefined;
  heartbeatMs: number;
  /** How often the log of a turn that is neither written nor heard here is looked at. */
  pollMs: number;
  pages: SharedReads<TurnEvent[] | undefined>;
  onGap: OnGap;
  /** Aborts when the process stops serving. */
  stopping: AbortSignal;
};

type Items = AsyncGenerator<StreamItem, void, undefined>;

/** Where events may be at hand without a look at the log. */
type Source = Pick<LiveTurn, "recent" | "pulse">;

/**
 * Follows one turn from a sequence to its terminal event. Live events come from memory while the reader keeps up, all others
 * from the log; nothing is queued for a reader, and its place alone decides what comes next, so nothing is missed or doubled.
 */
export class LogReader {
  readonly #deps: FollowDeps;
  readonly #caller: Caller;
  #row: TurnRow;
  #signal: AbortSignal;
  #seen: number;
  #quietSince = performance.now();
  #live: LiveTurn | undefined;
  #watched: WatchedTurn | undefined;
  readonly #unheard = new Pulse();

  constructor(deps: FollowDeps, caller: Caller, row: TurnRow, after: number, signal: AbortSignal) {
    this.#deps = deps;
    this.#caller = caller;
    this.#row = row;
    this.#seen = after;
    this.#signal = signal;
  }

  /** To be read once. */
  async *items(): Items {
    using reading = new LinkedAbort(this.#signal, this.#deps.stopping);
    this.#signal = reading.signal;
    try {
      yield* this.#follow();
    } finally {
      this.#watched?.[Symbol.dispose]();
    }
  }

  async *#follow(): Items {
    const turnId = this.#row.id;
    while (!this.#signal.aborted) {
      const source = this.#here() ?? (await this.#elsewhere());
      const beats = source?.pulse.beats;
      const held = source?.recent.after(this.#seen);
      const events = held ?? (await this.#read());
      const first = events?.[0];
      if (!events) return yield* this.#gap("unreadable");
      if (first && first.sequence > this.#seen + 1) return yield* this.#gap("expired");
      for (const event of events) {
        if (this.#signal.aborted) break;
        this.#seen = event.sequence;
        this.#quietSince = performance.now();
        yield { kind: "event", event };
        if (isTerminal(event.body)) return;
      }
      if (first) continue;
      if (!held && this.#live?.closed !== false) {
        if ((await this.#lookAgain()) === "gone") return;
        if (this.#row.digest) return yield* this.#rest();
      }
      yield* this.#await(source, beats);
    }
    if (this.#deps.stopping.aborted) yield { kind: "goAway", turnId, reason: "shutdown" };
  }

  /** The turn where it is written here; also one that has just ended here, while it has events that were not read yet. */
  #here(): Source | undefined {
    const live = this.#deps.live(this.#row.id);
    if (live || (this.#live && this.#live.recent.last <= this.#seen)) this.#live = live;
    return this.#live;
  }

  /** Heard from the first look at the log on, so that nothing falls between the two. */
  async #elsewhere(): Promise<Source | undefined> {
    const { watched } = this.#deps;
    if (!watched || this.#row.digest) return undefined;
    const { id: turnId, trace_id: traceId } = this.#row;
    const { tenant } = this.#caller;
    // What cannot be heard is polled for.
    this.#watched ??= await watched.watch({ tenant, turnId, traceId }).catch(() => undefined);
    return this.#watched;
  }

  #read(): Promise<TurnEvent[] | undefined> {
    const { db, pages } = this.#deps;
    const page = `${this.#caller.tenant} ${this.#row.id} ${this.#seen}`;
    return pages.of(page, () => readEvents(db, this.#caller, this.#row, this.#seen));
  }

  /** The turn is not written here and the log had nothing new: has it ended, or was it deleted? */
  async #lookAgain(): Promise<"gone" | "there"> {
    const row = await getRow(this.#deps.db, this.#caller, this.#row.id);
    if (!row) return "gone";
    this.#row = row;
    return "there";
  }

  /** What an ended turn still has to give; it may have ended between the two looks at it. */
  async *#rest(): Items {
    const last = this.#row.last_seq ?? 0;
    while (this.#seen < last) {
      const events = await this.#read();
      if (!events) return yield* this.#gap("unreadable");
      if (events[0]?.sequence !== this.#seen + 1) return yield* this.#gap("expired");
      for (const event of events) {
        this.#seen = event.sequence;
        yield { kind: "event", event };
      }
    }
  }

  /** Events are no longer held: the turn as it stands in their place, and then what follows, or its end. */
  async *#gap(cause: GapCause): Items {
    this.#deps.onGap(cause, this.#row.id);
    const turn = await turnOf(this.#deps.db, this.#caller, this.#row);
    yield { kind: "snapshot", turn, reason: "LOG_TRUNCATED" };
    this.#seen = turn.lastSequence;
    if (!turn.endTime) return yield* this.#follow();
    const { turnId, lastSequence: sequence, epoch, endTime: createTime, traceId } = turn;
    const body = terminalEvent(turn);
    yield { kind: "event", event: { turnId, sequence, epoch, createTime, stepId: "", traceId, body } };
  }

  /** Until there is something new or it is time to look at the log again; heartbeats meanwhile. */
  async *#await(source: Source | undefined, beats?: number): Items {
    const { heartbeatMs, pollMs } = this.#deps;
    const untilHeartbeat = heartbeatMs - (performance.now() - this.#quietSince);
    const patience = Math.max(0, source ? untilHeartbeat : Math.min(pollMs, untilHeartbeat));
    const outcome = await (source?.pulse ?? this.#unheard).wait(patience, this.#signal, beats);
    if (outcome !== "silence" || performance.now() - this.#quietSince < heartbeatMs) return;
    this.#quietSince = performance.now();
    yield { kind: "heartbeat", turnId: this.#row.id };
  }
}
