import { setMaxListeners } from "node:events";
import type { Database } from "@forerun/db/database";
import type { Caller } from "@forerun/runtime/caller";
import type { Logger } from "@forerun/runtime/logger";
import { v7, validate } from "uuid";
import type {
  AppendOutcome,
  AttachOutcome,
  BeginOutcome,
  CancelRequest,
  Cursor,
  FindOutcome,
  NewTurn,
  Pace,
  Page,
  TurnDriver,
  TurnLease,
  TurnLog,
} from "../ports.ts";
import type { Turn } from "../turn.ts";
import type { TurnEventBody } from "../turn-event.ts";
import { abandonTurn, sweepDeadOwners } from "./abandon-turn.ts";
import { Backoff } from "./backoff.ts";
import { beginTurn } from "./begin-turn.ts";
import { cancelQueued } from "./cancel-queued.ts";
import { EventPartitions } from "./event-partitions.ts";
import { finishTurn } from "./finish-turn.ts";
import { GroupFlusher } from "./group-flusher.ts";
import { listTurns } from "./list-turns.ts";
import type { LiveFeed } from "./live-feed.ts";
import type { LiveTurn } from "./live-turn.ts";
import { LiveTurns } from "./live-turns.ts";
import type { GapCause, OnGap } from "./log-gap.ts";
import { LOG_ROLE } from "./migrations.ts";
import { withResolvers } from "./pulse.ts";
import { type CancelRow, FIND_TURN, type KeyRow, OPEN_TURNS, REQUEST_CANCEL } from "./read-statements.ts";
import { getRow, turnOf } from "./read-turn.ts";
import { Replica } from "./replica.ts";
import { HELD_TURNS, type HeldTurnRow } from "./replica-statements.ts";
import { startStalled } from "./start-next.ts";
import type { TakenRow } from "./take-statements.ts";
import { loadTaken } from "./taken-turn.ts";
import { tendTurns } from "./tend-turns.ts";
import { TurnReaders } from "./turn-readers.ts";
import type { TurnIdRow } from "./turn-statements.ts";

export type LogBounds = {
  /** Turns that may wait in one conversation. */
  maxQueued?: number;
  /** Days after which a turn's events are dropped; the turn itself stays. Undefined keeps them. */
  eventDays?: number;
};

export type TurnLogDeps = LogBounds & {
  db: Database;
  /** Boot id of this process, a UUID: owner of the turns it drives. */
  owner: string;
  /** Milliseconds between two group appends under load: 25 in one process, 10 in the mesh. */
  flushMs: number;
  log: Logger;
  now?(): Date;
  newId?(): string;
  /** Silence after which a reader gets a heartbeat. */
  heartbeatMs?: number;
  /** How long a turn's events are held back while the store is away, before its work is stopped. */
  holdMs?: number;
  /** Told of each gap that somebody met in a turn's events. */
  onGap?: ((cause: GapCause) => void) | undefined;
  /** Set where other processes may serve the same store. */
  replica?: ReplicaOptions | undefined;
};

export type ReplicaOptions = {
  /** Milliseconds after which a replica that is not heard any more counts as dead. */
  leaseMs: number;
  /** Brings what one replica writes to readers on the others; without it they look at the log every now and then. */
  feed?: LiveFeed | undefined;
};

const HEARTBEAT_MS = 15_000;
const HOLD_MS = 30_000;
const MAX_QUEUED = 16;

/**
 * Opens the log: sees to its partitions, and ends what dead owners have left unless another replica lives, which
 * then takes it over. Without `replica` no other process may serve this store's turns: every other owner counts as dead.
 */
export async function openTurnLog(deps: TurnLogDeps): Promise<StoredTurnLog> {
  const { db, log, owner, now = () => new Date() } = deps;
  const partitions = new EventPartitions({ db, now, log, days: deps.eventDays });
  await partitions.tend();
  const turnLog = new StoredTurnLog(deps, partitions);
  const others = await turnLog.join();
  const ended = others > 0 ? 0 : await sweepDeadOwners({ db, now, onGap: turnLog.onGap }, owner);
  if (ended > 0) log.warn({ turns: ended }, "turns of a dead process were ended as failed(unavailable)");
  return turnLog;
}

/** The turn log on SQL: durable first, then delivered. */
export class StoredTurnLog implements TurnLog, AsyncDisposable {
  readonly #deps: TurnLogDeps & { now(): Date; newId(): string; maxQueued: number };
  readonly #partitions: EventPartitions;
  readonly #live: LiveTurns;
  readonly #readers: TurnReaders;
  readonly #flusher: GroupFlusher;
  readonly #stopping = new AbortController();
  readonly #background = new Set<Promise<void>>();
  #driver: TurnDriver | undefined;
  #replica: Replica | undefined;

  constructor(deps: TurnLogDeps, partitions: EventPartitions) {
    this.#deps = { now: () => new Date(), newId: v7, maxQueued: MAX_QUEUED, ...deps };
    this.#partitions = partitions;
    const { db, replica, heartbeatMs = HEARTBEAT_MS } = deps;
    // Every turn that ends listens to it.
    setMaxListeners(0, this.#stopping.signal);
    const feed = replica?.feed;
    this.#live = new LiveTurns(feed);
    const live = (turnId: string) => this.#live.get(turnId);
    this.#readers = new TurnReaders({ db, live, feed, heartbeatMs, onGap: this.onGap });
    this.#flusher = new GroupFlusher({
      db,
      flushMs: deps.flushMs,
      holdMs: deps.holdMs ?? HOLD_MS,
      log: deps.log,
      onFenced: (turn) => this.#giveUp(turn),
      onLost: (turn) => this.#lose(turn),
    });
  }

  readonly onGap: OnGap = (cause, turnId) => {
    this.#deps.log.warn({ turn_id: turnId, cause }, "a turn's log has a gap");
    this.#deps.onGap?.(cause);
  };

  /** Makes this process known to other replicas, where there may be some. Gives how many of them live. */
  async join(): Promise<number> {
    const { db, owner: id, replica, log } = this.#deps;
    if (!replica) return 0;
    const { leaseMs } = replica;
    const onLapse = () => this.#giveUpLost();
    this.#replica = await Replica.join({ db, id, leaseMs, log, onLapse, sweep: () => this.#tend() });
    return this.#replica.others();
  }

  async begin(caller: Caller, input: NewTurn): Promise<BeginOutcome> {
    if (input.conversationId && !validate(input.conversationId)) return { kind: "no_conversation" };
    const outcome = await beginTurn(this.#deps, caller, input);
    // The turn before may just have been ended by one who did not see this one yet.
    if (outcome.kind === "queued") this.#inBackground(this.#startStalled());
    if (outcome.kind === "begun") {
      this.#live.open(outcome.lease, input.traceId);
    }
    return outcome;
  }

  drivenBy(driver: TurnDriver): void {
    this.#driver = driver;
    this.#replica?.watch();
    this.#inBackground(this.#startStalled());
  }

  async append(
    lease: TurnLease,
    events: readonly TurnEventBody[],
    pace: Pace = "gather",
  ): Promise<AppendOutcome> {
    const turn = this.#live.writable(lease);
    if (!turn) return "fenced";
    const written = turn.write(events, this.#deps.now());
    this.#flusher.wake(turn, pace);
    return written;
  }

  async finish(lease: TurnLease, turn: Turn): Promise<AppendOutcome> {
    const live = this.#live.writable(lease);
    if (!live || live.sealed) return "fenced";
    const final = { ...turn, epoch: lease.epoch, lastSequence: live.nextSequence };
    const onStarted = this.#driver?.accepting
      ? (row: TakenRow) => this.#inBackground(this.#drive(row))
      : undefined;
    const finishing = finishTurn({ ...this.#deps, onStarted }, live, final, this.#stopping.signal)
      .catch((fault: unknown) => {
        this.#endLater(lease);
        throw fault;
      })
      .finally(() => this.#live.drop(live));
    return this.#hold(finishing, turn.turnId);
  }

  abandon(lease: TurnLease): void {
    const turn = this.#live.writable(lease);
    if (!turn || turn.sealed) return;
    this.#live.drop(turn);
    this.#endLater(lease);
  }

  attach(caller: Caller, turnId: string, cursor: Cursor, signal: AbortSignal): Promise<AttachOutcome> {
    return this.#readers.attach(caller, turnId, cursor, signal);
  }

  async find(caller: Caller, idempotencyKey: string, requestHash: string): Promise<FindOutcome> {
    const [row] = await this.#deps.db.query<KeyRow>(caller, FIND_TURN, [idempotencyKey]);
    if (!row) return { kind: "none" };
    return row.request_hash === requestHash ? { kind: "found", turnId: row.id } : { kind: "key_reused" };
  }

  async get(caller: Caller, turnId: string): Promise<Turn | undefined> {
    const row = validate(turnId) ? await getRow(this.#deps.db, caller, turnId) : undefined;
    return row && turnOf(this.#deps.db, caller, row);
  }

  list(
    caller: Caller,
    conversationId: string | undefined,
    size: number,
    after: string | undefined,
  ): Promise<Page<Turn>> {
    return listTurns(this.#deps.db, caller, conversationId, size, after);
  }

  async open(caller: Caller, conversationId: string): Promise<string[]> {
    if (!validate(conversationId)) return [];
    const rows = await this.#deps.db.query<TurnIdRow>(caller, OPEN_TURNS, [conversationId]);
    return rows.map((row) => row.turn_id);
  }

  async requestCancel(
    caller: Caller,
    turnId: string,
    by: "user" | "disconnect" = "user",
  ): Promise<CancelRequest | undefined> {
    if (!validate(turnId)) return undefined;
    const { db, now, replica } = this.#deps;
    if (await cancelQueued({ db, now, feed: replica?.feed }, caller, turnId, by))
      return { open: false, owner: undefined };
    const [row] = await this.#deps.db.query<CancelRow>(caller, REQUEST_CANCEL, [turnId], { priority: true });
    return row && { open: row.open, owner: row.owner ?? undefined };
  }

  /** Readers are told to attach elsewhere; what is queued is still written. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#partitions[Symbol.dispose]();
    await this.#flusher[Symbol.asyncDispose]();
    await this.#replica?.[Symbol.asyncDispose]();
    this.#stopping.abort();
    this.#readers[Symbol.dispose]();
    for (const turn of this.#live.all()) this.#live.drop(turn);
    await Promise.all(this.#background);
  }

  /** Waits for an ending as long as the store may be away; after that it is still tried, and the driver need not wait. */
  async #hold(finishing: Promise<AppendOutcome>, turnId: string): Promise<AppendOutcome> {
    this.#inBackground(finishing.then(() => undefined));
    const { holdMs = HOLD_MS } = this.#deps;
    const { promise: late, resolve } = withResolvers<"late">();
    const timer = setTimeout(() => resolve("late"), holdMs);
    try {
      const outcome = await Promise.race([finishing, late]);
      if (outcome === "late") throw new Error(`the end of turn ${turnId} could not be stored yet`);
      return outcome;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Drives a turn that a statement of this process has just taken. Where that cannot be, the turn is ended. */
  async #drive(row: TakenRow): Promise<void> {
    try {
      if (!this.#driver) throw new Error("nobody drives turns here");
      const taken = await loadTaken(this.#deps.db, row);
      // Found again by the retry of an end whose answer was lost.
      if (this.#live.get(row.id)) return;
      this.#live.open(taken.lease, row.trace_id, taken.progress.turn.lastSequence);
      this.#driver.resume(taken);
    } catch (fault) {
      const ids = { turn_id: row.id, trace_id: row.trace_id || undefined };
      this.#deps.log.error({ ...ids, err: fault }, "a turn could not be taken up");
      this.#endLater({ turnId: row.id, epoch: row.epoch });
    }
  }

  async #tend(): Promise<void> {
    const { db, now, owner, log, replica } = this.#deps;
    const driver = this.#driver;
    if (!driver) return;
    const live = (turnId: string) => this.#live.get(turnId);
    const taken = await tendTurns({ db, now, onGap: this.onGap, feed: replica?.feed, owner, driver, live });
    if (taken.length > 0) log.warn({ turns: taken.length }, "turns of a dead replica are taken over");
    for (const row of taken) this.#inBackground(this.#drive(row));
    await this.#startStalled();
  }

  /** Starts turns that wait though none of their conversation runs. */
  async #startStalled(): Promise<void> {
    const room = this.#driver?.room ?? 0;
    for (const row of await startStalled(this.#deps, room)) this.#inBackground(this.#drive(row));
  }

  #inBackground(work: Promise<void>): void {
    const settled = work.catch(() => undefined);
    this.#background.add(settled);
    void settled.finally(() => this.#background.delete(settled));
  }

  /** Another owner has the turn: its work stops here. */
  #giveUp(turn: LiveTurn): void {
    this.#live.drop(turn);
    this.#driver?.lose(turn.lease);
  }

  /** This process may have been taken for dead: what is not its own any more is given up before anything else is done. */
  async #giveUpLost(): Promise<void> {
    const before = this.#live.all();
    const { db, owner } = this.#deps;
    const rows = await db.systemQuery<HeldTurnRow>(LOG_ROLE, HELD_TURNS, [owner], { priority: true });
    const held = new Map(rows.map(({ turn_id, epoch }) => [turn_id, epoch]));
    const lost = before.filter(({ lease, sealed }) => !sealed && held.get(lease.turnId) !== lease.epoch);
    for (const turn of lost) this.#giveUp(turn);
    this.#deps.log.warn(
      { lost: lost.length, kept: held.size },
      "this replica was not heard for longer than its lease",
    );
  }

  /** The store was away too long: the turn's work stops now, and its end is written when the store is back. */
  #lose(turn: LiveTurn): void {
    this.#giveUp(turn);
    const ids = { turn_id: turn.lease.turnId, trace_id: turn.traceId || undefined };
    this.#deps.log.error(ids, "a turn was given up: the store was away too long");
    this.#endLater(turn.lease);
  }

  /** Writes an end in the owner's stead, as soon as the store takes it. */
  #endLater(lease: Pick<TurnLease, "turnId" | "epoch">): void {
    this.#inBackground(this.#abandon({ turn_id: lease.turnId, epoch: lease.epoch }));
  }

  async #abandon(held: HeldTurnRow): Promise<void> {
    const { db, now, replica } = this.#deps;
    const backoff = new Backoff();
    for (;;) {
      await backoff.wait(this.#stopping.signal);
      try {
        await abandonTurn({ db, now, onGap: this.onGap, feed: replica?.feed }, held);
        return await this.#startStalled();
      } catch (error) {
        this.#deps.log.debug({ turn_id: held.turn_id, err: error }, "the store is still away");
      }
    }
  }
}
