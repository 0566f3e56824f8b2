import type { TurnEvent } from "@forerun/contracts/forerun/chat/v1/event_pb";
import type { Caller } from "@forerun/runtime/caller";
import type { Cursor, TurnLog } from "../ports.ts";
import type { Turn } from "../turn.ts";
import type { StreamItem } from "../turn-event.ts";
import { toWireItem } from "../turn-wire.ts";
import { noSuchTurn, pastTheEnd } from "./refusals.ts";

export const FROM_THE_START: Cursor = { epoch: 0, afterSequence: 0 };

/** A turn's events from a cursor to its end. */
export async function* followTurn(
  turnLog: TurnLog,
  caller: Caller,
  turnId: string,
  cursor: Cursor,
  signal: AbortSignal,
): AsyncGenerator<TurnEvent> {
  for await (const item of await attach(turnLog, caller, turnId, cursor, signal)) yield toWireItem(item);
}

/** The turn once it has ended. */
export async function endedTurn(
  turnLog: TurnLog,
  caller: Caller,
  turnId: string,
  signal: AbortSignal,
): Promise<Turn> {
  for await (const item of await attach(turnLog, caller, turnId, FROM_THE_START, signal)) {
    const turn = endOf(item);
    if (turn) return turn;
  }
  // A client that has left is no fault of the log.
  signal.throwIfAborted();
  throw new Error("a turn's stream ended without a terminal event");
}

function endOf(item: StreamItem): Turn | undefined {
  if (item.kind === "snapshot") return item.turn.endTime ? item.turn : undefined;
  if (item.kind !== "event") return undefined;
  switch (item.event.body.kind) {
    case "turnCompleted":
    case "turnIncomplete":
    case "turnFailed":
    case "turnCancelled":
      return item.event.body.turn;
    default:
      return undefined;
  }
}

async function attach(
  turnLog: TurnLog,
  caller: Caller,
  turnId: string,
  cursor: Cursor,
  signal: AbortSignal,
): Promise<AsyncIterable<StreamItem>> {
  const attached = await turnLog.attach(caller, turnId, cursor, signal);
  switch (attached.kind) {
    case "attached":
      return attached.items;
    case "no_turn":
      throw noSuchTurn();
    case "out_of_range":
      throw pastTheEnd(attached.lastSequence, attached.epoch);
    default:
      return attached satisfies never;
  }
}
