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
  heard: Promise<unknown>;
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
    const chunks = this.#feed.follow(turn, leave.signal);
    void chunks.then((all) => hear(all, recent, pulse)).catch(() => pulse.beat());
    return { recent, pulse, readers: 0, leave, heard: chunks };
  }
}

async function hear(chunks: AsyncIterable<HeardEvents>, recent: RecentEvents, pulse: Pulse): Promise<void> {
  for await (const { events, bytes } of chunks) {
    for (const event of events) recent.push(event, bytes / events.length);
    pulse.beat();
  }
}
