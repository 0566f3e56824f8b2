import type { TurnEvent } from "../turn-event.ts";

/** Consecutive durable events of a turn, as the log stores them. */
export type LiveChunk = { epoch: number; firstSequence: number; data: Uint8Array };

/** What of a chunk comes in elsewhere. Without events it says that there may be some to read. */
export type HeardEvents = { events: readonly TurnEvent[]; bytes: number };

export type LiveTopic = { tenant: string; turnId: string };

/** Carries what becomes durable to those who read it on other replicas. Whatever it loses is in the log. */
export type LiveFeed = {
  publish(turn: LiveTopic, chunk: LiveChunk): void;
  /** Tells of what is published once this has resolved, until the signal aborts. */
  follow(
    turn: LiveTopic & { traceId: string },
    hear: (heard: HeardEvents) => void,
    signal: AbortSignal,
  ): Promise<void>;
};
