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
};

/** The turns of other replicas that somebody reads here: one subscription each, while there are readers. */
export class WatchedTurns {
  readonly #feed: LiveFeed;
  readonly #entries = new Map<string, Entry>();

  constructor(feed: LiveFeed) {
    this.#feed = feed;
  }

  /** Resolves when everything that becomes durable from then on is heard, as far as the feed carries it. Readers dispose of it. */
  async watch(turn: Watch): Promise<WatchedTurn> {
    const key = `${turn.tenant} ${turn.turnId}`;
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
    const leave = new AbortController();
    const recent = new RecentEvents(RECENT_BYTES, undefined);
    const pulse = new Pulse();
    const hear = ({ events, bytes }: HeardEvents) => {
      if (events.length === 0) recent.forget();
      for (const event of events) recent.push(event, bytes / events.length);
      pulse.beat();
    };
    const heard = this.#feed.follow(turn, hear, leave.signal);
    return { recent, pulse, readers: 0, leave, heard };
  }
}
