import type { ServiceImpl } from "@connectrpc/connect";
import type { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { callerOf } from "@forerun/rpc/call-context";
import { toWireTurn } from "../turn-wire.ts";
import type { ChatDeps } from "./chat-deps.ts";
import { cancelOnLeave } from "./disconnect.ts";
import { endedTurn } from "./follow-turn.ts";
import { inputOf } from "./input-of.ts";
import { startTurn } from "./start-turn.ts";

export function ask(deps: ChatDeps): ServiceImpl<typeof ChatService>["ask"] {
  return async (request, ctx) => {
    const input = inputOf(request);
    const turnId = await startTurn(deps, input, ctx);
    using _leaving = cancelOnLeave(deps, input, { caller: callerOf(ctx), turnId, client: ctx.signal });
    const turn = await endedTurn(deps, ctx, turnId);
    return { turn: toWireTurn(turn) };
  };
}
