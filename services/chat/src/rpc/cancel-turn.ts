import type { ServiceImpl } from "@connectrpc/connect";
import type { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { callerOf } from "@forerun/rpc/call-context";
import { toWireTurn } from "../turn-wire.ts";
import type { ChatDeps } from "./chat-deps.ts";
import { noSuchTurn } from "./refusals.ts";

/** Ends the turn and waits for its end, so that the answer says what was stopped. An ended turn is returned as it is. */
export function cancelTurn(deps: ChatDeps): ServiceImpl<typeof ChatService>["cancelTurn"] {
  return async ({ turnId }, ctx) => {
    const caller = callerOf(ctx);
    const stopped = await deps.stopTurn(caller, turnId, "user", ctx.signal);
    const turn = stopped && (await deps.turnLog.get(caller, turnId));
    if (!turn) throw noSuchTurn();
    return { turn: toWireTurn(turn), ...stopped };
  };
}
