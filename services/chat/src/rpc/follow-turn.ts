import type { TurnEvent } from "@forerun/contracts/forerun/chat/v1/event_pb";
import type { Caller } from "@forerun/runtime/caller";
import type { Cursor, TurnLog } from "../ports.ts";
import type { Turn } from "../turn.ts";
import type { StreamItem } from "../turn-event.ts";
import { toWireItem } from "../turn-wire.ts";
import { noSuchTurn, pastTheEnd, serverStopping } from "./refusals.ts";

export const FROM_THE_START: Cursor = { epoch: 0, afterSequence: 0 };

/** A turn's events from a cursor to its end. */
export async function* followTurn(
  turnLog: TurnLog,
  caller: Caller,
  turnId: string,
  cursor: Cursor,
  signal: AbortSignal,
): AsyncGenerator<TurnEvent> {
  let closed = false;
  for await (const item of await attach(turnLog, caller, turnId, cursor, signal)) {
    closed = item.kind === "goAway" || endOf(item) !== undefined;
    yield toWireItem(item);
  }
  // Nothing follows the last event of an ended turn; a turn that was deleted has no end to give.
  if (!closed && !signal.aborted && !(await turnLog.get(caller, turnId))) throw noSuchTurn();
}

/** The turn once it has ended. Throws when it is deleted before, and when this process stops. */
export async function endedTurn(
  turnLog: TurnLog,
  caller: Caller,
  turnId: string,
  signal: AbortSignal,
): Promise<Turn> {
  for await (const item of await attach(turnLog, caller, turnId, FROM_THE_START, signal)) {
    const turn = endOf(item);
    if (turn) return turn;
    if (item.kind === "goAway") throw serverStopping();
  }
  signal.throwIfAborted();
  throw noSuchTurn();
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
