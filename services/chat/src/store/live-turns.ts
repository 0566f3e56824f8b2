import type { TurnLease } from "../ports.ts";
import type { LiveFeed } from "./live-feed.ts";
import { type Chunk, LiveTurn } from "./live-turn.ts";

/** The turns that this process writes. */
export class LiveTurns {
  readonly #feed: LiveFeed | undefined;
  readonly #turns = new Map<string, LiveTurn>();

  /** `feed` carries what becomes durable to readers elsewhere. */
  constructor(feed: LiveFeed | undefined) {
    this.#feed = feed;
  }

  /** `lastSequence` is that of the log. */
  open(lease: TurnLease, traceId: string, lastSequence = 0): void {
    const deliver = (chunk: Chunk) => this.#feed?.publish(lease, chunk);
    this.#turns.set(lease.turnId, new LiveTurn({ lease, traceId, lastSequence, deliver }));
  }

  get(turnId: string): LiveTurn | undefined {
    return this.#turns.get(turnId);
  }

  all(): LiveTurn[] {
    return [...this.#turns.values()];
  }

  /** The turn while it is written under this very lease. */
  writable({ turnId, epoch }: TurnLease): LiveTurn | undefined {
    const turn = this.#turns.get(turnId);
    return turn?.lease.epoch === epoch && !turn.closed ? turn : undefined;
  }

  /** Nothing more of it is written here. */
  drop(turn: LiveTurn): void {
    if (this.#turns.get(turn.lease.turnId) === turn) this.#turns.delete(turn.lease.turnId);
    turn.close();
  }
}
