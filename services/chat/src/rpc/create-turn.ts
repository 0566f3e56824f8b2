import type { ServiceImpl } from "@connectrpc/connect";
import type { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import type { ChatDeps } from "./chat-deps.ts";
import { turnNow } from "./get-turn.ts";
import { inputOf } from "./input-of.ts";
import { startTurn } from "./start-turn.ts";

export function createTurn(deps: ChatDeps): ServiceImpl<typeof ChatService>["createTurn"] {
  return async (request, ctx) => ({
    turn: await turnNow(deps, await startTurn(deps, inputOf(request), ctx), ctx),
  });
}
