import type { HandlerContext } from "@connectrpc/connect";
import type { TurnEvent } from "@forerun/contracts/forerun/chat/v1/event_pb";
import { callerOf } from "@forerun/rpc/call-context";
import type { Caller } from "@forerun/runtime/caller";
import { LinkedAbort } from "@forerun/runtime/linked-abort";
import type { Departure } from "../departure.ts";
import type { Cursor, TurnLog } from "../ports.ts";
import type { Turn } from "../turn.ts";
import type { StreamItem } from "../turn-event.ts";
import { toWireItem } from "../turn-wire.ts";
import type { Turns } from "../turns.ts";
import { noSuchTurn, pastTheEnd, serverStopping } from "./refusals.ts";

export const FROM_THE_START: Cursor = { epoch: 0, afterSequence: 0 };

type FollowDeps = {
  turnLog: Pick<TurnLog, "attach" | "get">;
  turns: Pick<Turns, "drives">;
  departure: Departure;
};

/**
 * A turn's events from a cursor to its end. When this process leaves, a reader is sent away: at once from a turn that runs
 * elsewhere, else when the turns of this process are over.
 */
export async function* followTurn(
  deps: FollowDeps,
  ctx: HandlerContext,
  turnId: string,
  cursor: Cursor,
): AsyncGenerator<TurnEvent> {
  let closed = false;
  for await (const item of itemsOf(deps, ctx, turnId, cursor)) {
    closed = item.kind === "goAway" || endOf(item) !== undefined;
    yield toWireItem(item);
  }
  // Nothing follows the last event of an ended turn; a turn that was deleted has no end to give.
  if (!closed && !ctx.signal.aborted && !(await deps.turnLog.get(callerOf(ctx), turnId))) throw noSuchTurn();
}

/** The turn once it has ended. Throws when it is deleted before, and when this process stops. */
export async function endedTurn(deps: FollowDeps, ctx: HandlerContext, turnId: string): Promise<Turn> {
  for await (const item of itemsOf(deps, ctx, turnId, FROM_THE_START)) {
    const turn = endOf(item);
    if (turn) return turn;
    if (item.kind === "goAway") throw serverStopping();
  }
  ctx.signal.throwIfAborted();
  throw noSuchTurn();
}

async function* itemsOf(
  { turnLog, turns, departure }: FollowDeps,
  ctx: HandlerContext,
  turnId: string,
  cursor: Cursor,
): AsyncGenerator<StreamItem> {
  const leave = turns.drives(turnId) ? departure.over : departure.announced;
  using reading = new LinkedAbort(ctx.signal, leave);
  for await (const item of await attach(turnLog, callerOf(ctx), turnId, cursor, reading.signal)) {
    yield item;
    if (item.kind === "goAway" || endOf(item)) return;
  }
  if (leave.aborted && !ctx.signal.aborted) yield { kind: "goAway", turnId, reason: "shutdown" };
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
  turnLog: FollowDeps["turnLog"],
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
