import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { callerOf } from "@forerun/rpc/call-context";
import { toWireTurn } from "../turn-wire.ts";
import type { ChatDeps } from "./chat-deps.ts";
import { noSuchTurn } from "./refusals.ts";

export function getTurn(deps: ChatDeps): ServiceImpl<typeof ChatService>["getTurn"] {
  return async ({ turnId }, ctx) => ({ turn: await turnNow(deps, turnId, ctx) });
}

/** The turn as it stands. */
export async function turnNow(deps: ChatDeps, turnId: string, ctx: HandlerContext) {
  const turn = await deps.turnLog.get(callerOf(ctx), turnId);
  if (!turn) throw noSuchTurn();
  return toWireTurn(turn);
}
