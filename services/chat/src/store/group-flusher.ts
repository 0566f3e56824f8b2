import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { Database } from "@forerun/db/database";
import type { Logger } from "@forerun/runtime/logger";
import type { Pace } from "../ports.ts";
import { Backoff } from "./backoff.ts";
import type { Chunk, LiveTurn } from "./live-turn.ts";
import { LOG_ROLE } from "./migrations.ts";
import { APPEND, LAST_SEQUENCES, type LastSequenceRow, type TurnIdRow } from "./turn-statements.ts";

export type FlusherDeps = {
  db: Database;
  /** Milliseconds between two groups; the first after a pause goes at once. Longer where groups would take most of the time. */
  flushMs: number;
  /** How long events are held back while the store is away. */
  holdMs: number;
  log: Logger;
  /** The turn is another's now. */
  onFenced(turn: LiveTurn): void;
  /** The store was away for longer than events may wait. */
  onLost(turn: LiveTurn): void;
};

const MAX_TURNS = 1000;
/** Longest time between two groups. What a turn says in it becomes one event, so that less is left to be done. */
const SLOWEST_MS = 200;
/** Share of the time that groups may take before there are fewer, and how quickly their pace falls and rises. */
const BUSY = 0.5;
const SLOWER = 1.5;
const FASTER = 0.9;

type Flight = { turn: LiveTurn; chunk: Chunk };

/**
 * Makes events durable in groups: one statement at a time carries what all turns have gathered, and between two groups what
 * somebody waits for goes by itself. A turn has at most one chunk on its way, so its events land in order.
 */
export class GroupFlusher implements AsyncDisposable {
  readonly #deps: FlusherDeps;
  readonly #waiting = new Set<LiveTurn>();
  /** Of those that wait, the ones that do not wait for a group. */
  readonly #urgent = new Set<LiveTurn>();
  readonly #stop = new AbortController();
  /** Cuts the pause short. */
  #hurry = new AbortController();
  #running: Promise<void> | undefined;
  #lastGroup = Number.NEGATIVE_INFINITY;
  #betweenMs: number;

  constructor(deps: FlusherDeps) {
    this.#deps = deps;
    this.#betweenMs = deps.flushMs;
  }

  /** The turn has something to write: with the next group, or at once. */
  wake(turn: LiveTurn, pace: Pace): void {
    this.#waiting.add(turn);
    if (pace === "now") {
      this.#urgent.add(turn);
      this.#hurry.abort();
    }
    this.#running ??= this.#run().catch((error: unknown) => {
      if (!this.#stop.signal.aborted) this.#deps.log.error({ err: error }, "the log's flusher failed");
    });
  }

  /** Writes what is queued, unless the store is away. */
  async [Symbol.asyncDispose](): Promise<void> {
    const hard = setTimeout(() => this.#stop.abort(), 2000);
    await this.#running;
    clearTimeout(hard);
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    try {
      while (this.#waiting.size > 0) {
        const lateMs = await this.#pause();
        if (performance.now() >= this.#due) await this.#flushGroup(lateMs);
        else await this.#flush(this.#urgent);
      }
    } finally {
      // In the same breath as the last look at what waits: a turn woken a tick later must start a new run.
      this.#running = undefined;
    }
  }

  get #due(): number {
    return this.#lastGroup + this.#betweenMs;
  }

  /**
   * Until the next group is due or somebody is in a hurry, but never before what this tick still appends. Milliseconds that the
   * process came back too late.
   */
  async #pause(): Promise<number> {
    const wait = this.#due - performance.now();
    const { signal } = this.#hurry;
    if (wait > 0) await sleep(wait, undefined, { signal }).catch(() => {});
    await nextTurn();
    if (signal.aborted) this.#hurry = new AbortController();
    return wait > 0 ? Math.max(0, performance.now() - this.#due) : 0;
  }

  /** Where groups come late or land slowly, the machine has no time for as many. */
  async #flushGroup(lateMs: number): Promise<void> {
    this.#lastGroup = performance.now();
    await this.#flush(this.#waiting);
    const tookMs = lateMs + performance.now() - this.#lastGroup;
    const pace = tookMs > BUSY * this.#betweenMs ? SLOWER : FASTER;
    this.#betweenMs = Math.min(SLOWEST_MS, Math.max(this.#deps.flushMs, pace * this.#betweenMs));
  }

  async #flush(turns: ReadonlySet<LiveTurn>): Promise<void> {
    const flights = this.#gather(turns);
    if (flights.length > 0) await this.#land(flights);
    for (const { turn } of flights) if (turn.ready) this.#waiting.add(turn);
  }

  #gather(turns: ReadonlySet<LiveTurn>): Flight[] {
    const flights: Flight[] = [];
    for (const turn of turns) {
      if (flights.length >= MAX_TURNS) break;
      this.#waiting.delete(turn);
      this.#urgent.delete(turn);
      const chunk = turn.ready ? turn.take() : undefined;
      if (chunk) flights.push({ turn, chunk });
    }
    return flights;
  }

  /** Tries until every chunk has landed, is fenced, or has waited too long. */
  async #land(flights: Flight[]): Promise<void> {
    const backoff = new Backoff();
    let left = flights;
    for (let first = true; left.length > 0; first = false) {
      try {
        if (!first) left = await this.#withoutLanded(left);
        await this.#append(left);
        return;
      } catch (error) {
        this.#deps.log.warn({ turns: left.length, err: error }, "events could not be stored yet");
        left = this.#withoutLost(left);
        await backoff.wait(this.#stop.signal);
      }
    }
  }

  async #append(flights: readonly Flight[]): Promise<void> {
    if (flights.length === 0) return;
    const rows = await this.#deps.db.systemQuery<TurnIdRow>(
      LOG_ROLE,
      APPEND,
      [
        flights.map(({ turn }) => turn.lease.turnId),
        flights.map(({ chunk }) => chunk.firstSequence),
        flights.map(({ chunk }) => chunk.lastSequence),
        flights.map(({ turn }) => turn.lease.epoch),
        flights.map(({ chunk }) => chunk.data),
      ],
      { priority: true },
    );
    const landed = new Set(rows.map((row) => row.turn_id));
    for (const { turn } of flights) {
      if (landed.has(turn.lease.turnId)) turn.landed();
      else this.#deps.onFenced(turn);
    }
  }

  /** An earlier try may have got through: only one writer has this epoch, so the last sequence tells. */
  async #withoutLanded(flights: readonly Flight[]): Promise<Flight[]> {
    const rows = await this.#deps.db.systemQuery<LastSequenceRow>(
      LOG_ROLE,
      LAST_SEQUENCES,
      [flights.map(({ turn }) => turn.lease.turnId), flights.map(({ turn }) => turn.lease.epoch)],
      { priority: true },
    );
    const stored = new Map(rows.map((row) => [row.turn_id, row.last_seq]));
    return flights.filter(({ turn, chunk }) => {
      if ((stored.get(turn.lease.turnId) ?? 0) < chunk.lastSequence) return true;
      turn.landed();
      return false;
    });
  }

  #withoutLost(flights: readonly Flight[]): Flight[] {
    const oldest = performance.now() - this.#deps.holdMs;
    return flights.filter(({ turn, chunk }) => {
      if (chunk.since > oldest) return true;
      this.#deps.onLost(turn);
      return false;
    });
  }
}
