import type { TurnEvent } from "../turn-event.ts";

/** Consecutive durable events of a turn, as the log stores them. */
export type LiveChunk = { epoch: number; firstSequence: number; data: Uint8Array };

/** What of a chunk comes in elsewhere; without events it says only that there is something to read. */
export type HeardEvents = { events: TurnEvent[]; bytes: number };

export type LiveTopic = { tenant: string; turnId: string };

/** Carries what becomes durable to those who read it on other replicas. Whatever it loses is in the log. */
export type LiveFeed = {
  publish(turn: LiveTopic, chunk: LiveChunk): void;
  /** What is published once this has resolved, until the signal aborts. */
  follow(turn: LiveTopic & { traceId: string }, signal: AbortSignal): Promise<AsyncIterable<HeardEvents>>;
};
