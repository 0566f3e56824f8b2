import type { Database } from "@forerun/db/database";
import type { Caller } from "@forerun/runtime/caller";
import { LinkedAbort } from "@forerun/runtime/linked-abort";
import type { StreamItem, TurnEvent } from "../turn-event.ts";
import type { LiveTurn } from "./live-turn.ts";
import { Pulse } from "./pulse.ts";
import type { TurnRow } from "./read-statements.ts";
import { getRow, readEvents, turnOf } from "./read-turn.ts";
import { isTerminal, terminalEvent } from "./terminal-event.ts";

export type FollowDeps = {
  db: Database;
  /** The turn where this process writes it. */
  live(turnId: string): LiveTurn | undefined;
  heartbeatMs: number;
  /** How often a turn that is not written here is looked at. */
  pollMs: number;
  /** Aborts when the process stops serving. */
  stopping: AbortSignal;
};

type Items = AsyncGenerator<StreamItem, void, undefined>;

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
    yield* this.#follow();
  }

  async *#follow(): Items {
    const turnId = this.#row.id;
    while (!this.#signal.aborted) {
      const live = this.#deps.live(turnId);
      const events = live?.recent.after(this.#seen) ?? (await this.#read());
      const [first] = events;
      if (first && first.sequence > this.#seen + 1) return yield* this.#truncated();
      for (const event of events) {
        if (this.#signal.aborted) break;
        this.#seen = event.sequence;
        this.#quietSince = performance.now();
        yield { kind: "event", event };
        if (isTerminal(event.body)) return;
      }
      if (first) continue;
      if (!live && (await this.#lookAgain()) === "gone") return;
      if (!live && this.#row.digest) return yield* this.#rest();
      yield* this.#await(live?.pulse ?? new Pulse(), live ? this.#deps.heartbeatMs : this.#deps.pollMs);
    }
    if (this.#deps.stopping.aborted) yield { kind: "goAway", turnId, reason: "shutdown" };
  }

  #read(): Promise<TurnEvent[]> {
    return readEvents(this.#deps.db, this.#caller, this.#row, this.#seen);
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
      if (events[0]?.sequence !== this.#seen + 1) return yield* this.#truncated();
      for (const event of events) {
        this.#seen = event.sequence;
        yield { kind: "event", event };
      }
    }
  }

  /** Events are no longer held: the turn as it stands in their place, and then its end. */
  async *#truncated(): Items {
    const turn = await turnOf(this.#deps.db, this.#caller, this.#row);
    yield { kind: "snapshot", turn, reason: "LOG_TRUNCATED" };
    this.#seen = turn.lastSequence;
    if (!turn.endTime) return yield* this.#follow();
    const { turnId, lastSequence: sequence, epoch, endTime: createTime, traceId } = turn;
    const body = terminalEvent(turn);
    yield { kind: "event", event: { turnId, sequence, epoch, createTime, stepId: "", traceId, body } };
  }

  async *#await(pulse: Pulse, ms: number): Items {
    const { heartbeatMs } = this.#deps;
    const untilHeartbeat = heartbeatMs - (performance.now() - this.#quietSince);
    const outcome = await pulse.wait(Math.max(0, Math.min(ms, untilHeartbeat)), this.#signal);
    if (outcome !== "silence" || performance.now() - this.#quietSince < heartbeatMs) return;
    this.#quietSince = performance.now();
    yield { kind: "heartbeat", turnId: this.#row.id };
  }
}
