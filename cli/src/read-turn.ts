import type { CallOptions, Client } from "@connectrpc/connect";
import type { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import type { TurnEvent } from "@forerun/contracts/forerun/chat/v1/event_pb";
import { type Turn, TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { type Timeline, timelineOf } from "@forerun/timeline/timeline";
import { foldTiming, NO_TIMING, timingOfTurn } from "@forerun/timeline/turn-timing";
import { isTerminal } from "./turn-events.ts";

/** Where turns are read from: a stack in this process, or a server. */
export type TurnSource = { chat: Client<typeof ChatService>; callerOptions(): CallOptions };

const READ_MS = 10_000;

/** A turn with its events: of an ended one all of them, of a running one up to where it stands. */
export async function readTurn(
  { chat, callerOptions }: TurnSource,
  turnId: string,
): Promise<{ turn: Turn; events: TurnEvent[] } | undefined> {
  const options = { ...callerOptions(), timeoutMs: READ_MS };
  const { turn } = await chat.getTurn({ turnId }, options);
  if (!turn) return undefined;
  const events: TurnEvent[] = [];
  if (turn.lastSequence === 0 || turn.state === TurnState.QUEUED) return { turn, events };
  for await (const { event } of chat.streamTurn({ turnId }, options)) {
    if (!event || event.event.case === "heartbeat") continue;
    events.push(event);
    if (isTerminal(event) || event.sequence >= turn.lastSequence) break;
  }
  return { turn, events };
}

/** How the turn's time was spent, by its events. */
export function readTimeline({ turn, events }: { turn: Turn; events: readonly TurnEvent[] }): Timeline {
  return timelineOf(timingOfTurn(events.reduce(foldTiming, NO_TIMING), turn));
}
