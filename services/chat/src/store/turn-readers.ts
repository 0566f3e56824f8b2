import { setMaxListeners } from "node:events";
import type { Database } from "@forerun/db/database";
import { type Caller, serviceCaller } from "@forerun/runtime/caller";
import type { AttachOutcome, Cursor } from "../ports.ts";
import type { TurnEvent } from "../turn-event.ts";
import { LogReader } from "./follow-log.ts";
import type { LiveFeed } from "./live-feed.ts";
import type { LiveTurn } from "./live-turn.ts";
import type { OnGap } from "./log-gap.ts";
import { readLastSequence } from "./read-turn.ts";
import { readingStart, type Standing } from "./reading-start.ts";
import { SharedReads } from "./shared-reads.ts";
import { WatchedTurns } from "./watched-turns.ts";

export type ReadersDeps = {
  db: Database;
  live(turnId: string): LiveTurn | undefined;
  /** Tells of what other replicas write, where there is a way. */
  feed: LiveFeed | undefined;
  heartbeatMs: number;
  onGap: OnGap;
};

/** How often the log of a turn that runs elsewhere is looked at: of one that is heard, for all its readers, and by each reader of one that is not. */
const POLL_MS = { heard: 1_000, unheard: 250 };

/** All who read turns on this process. Disposing sends them away. */
export class TurnReaders implements Disposable {
  readonly #deps: ReadersDeps;
  readonly #watched: WatchedTurns | undefined;
  readonly #standings = new SharedReads<Standing | undefined>();
  readonly #pages = new SharedReads<TurnEvent[] | undefined>();
  readonly #stopping = new AbortController();

  constructor(deps: ReadersDeps) {
    this.#deps = deps;
    const { db, feed } = deps;
    const lastInLog = ({ tenant, turnId }: { tenant: string; turnId: string }) =>
      readLastSequence(db, { ...serviceCaller("chat"), tenant }, turnId);
    this.#watched = feed && new WatchedTurns({ feed, lastInLog, pollMs: POLL_MS.heard });
    setMaxListeners(0, this.#stopping.signal);
  }

  async attach(caller: Caller, turnId: string, cursor: Cursor, signal: AbortSignal): Promise<AttachOutcome> {
    const { db, live, heartbeatMs, onGap } = this.#deps;
    const standings = this.#standings;
    const start = await readingStart({ db, standings }, live(turnId), { caller, turnId, cursor });
    if (start.kind !== "found") return start;
    const follow = {
      db,
      live,
      watched: this.#watched,
      heartbeatMs,
      pollMs: POLL_MS.unheard,
      pages: this.#pages,
      onGap,
      stopping: this.#stopping.signal,
    };
    const reader = new LogReader(follow, caller, start.row, start.after, signal);
    return { kind: "attached", items: reader.items() };
  }

  [Symbol.dispose](): void {
    this.#stopping.abort();
  }
}
