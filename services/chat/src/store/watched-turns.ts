import { guard } from "@forerun/runtime/guard";
import type { HeardEvents, LiveFeed, LiveTopic } from "./live-feed.ts";
import { RECENT_BYTES } from "./live-turn.ts";
import { Pulse } from "./pulse.ts";
import { RecentEvents } from "./recent-events.ts";

/** A turn that another replica writes, as it is heard here: shared by all who read it on this one. */
export type WatchedTurn = {
  readonly recent: RecentEvents;
  /** Beats when there is something new to read. */
  readonly pulse: Pulse;
} & Disposable;

type Watch = LiveTopic & { traceId: string };

type Entry = Omit<WatchedTurn, keyof Disposable> & {
  readers: number;
  leave: AbortController;
  heard: Promise<void>;
  /** Where the log stood at the last look. */
  logged: number | undefined;
};

export type WatchedDeps = {
  feed: LiveFeed;
  /** Sequence of the last event in the turn's log; undefined where there is none. */
  lastInLog(turn: LiveTopic): Promise<number | undefined>;
  /** How often the log is looked at, for what was lost with no later message to betray it. */
  pollMs: number;
};

/** The turns of other replicas that somebody reads here: one subscription each, while there are readers. */
export class WatchedTurns {
  readonly #deps: WatchedDeps;
  readonly #entries = new Map<string, Entry>();

  constructor(deps: WatchedDeps) {
    this.#deps = deps;
  }

  /** Resolves when everything that becomes durable from then on is heard, as far as the feed carries it. Readers dispose of it. */
  async watch(turn: Watch): Promise<WatchedTurn> {
    const key = `${guard("chat.watched.tenant", turn.tenant, "")} ${turn.turnId}`;
    const entry = this.#entries.get(key) ?? this.#open(turn);
    this.#entries.set(key, entry);
    entry.readers += 1;
    const leave = () => {
      entry.readers -= 1;
      if (entry.readers > 0) return;
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      entry.leave.abort();
    };
    await entry.heard.catch((fault: unknown) => {
      leave();
      throw fault;
    });
    return { recent: entry.recent, pulse: entry.pulse, [Symbol.dispose]: leave };
  }

  #open(turn: Watch): Entry {
    const { feed, pollMs } = this.#deps;
    const leave = new AbortController();
    const recent = new RecentEvents(RECENT_BYTES, undefined);
    const pulse = new Pulse();
    const hear = ({ events, bytes }: HeardEvents) => {
      if (events.length === 0) recent.forget();
      for (const event of events) recent.push(event, bytes / events.length);
      pulse.beat();
    };
    const heard = feed.follow(turn, hear, leave.signal);
    const entry: Entry = { recent, pulse, readers: 0, leave, heard, logged: undefined };
    // A look that fails is made again.
    const looking = setInterval(() => void this.#look(turn, entry).catch(() => {}), pollMs);
    leave.signal.addEventListener("abort", () => clearInterval(looking), { once: true });
    return entry;
  }

  async #look(turn: Watch, entry: Entry): Promise<void> {
    const logged = await this.#deps.lastInLog(turn);
    if (logged === entry.logged) return;
    entry.logged = logged;
    if (logged !== undefined && logged <= entry.recent.last) return;
    entry.recent.forget();
    entry.pulse.beat();
  }
}
