import type { ServiceImpl } from "@connectrpc/connect";
import type { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { callerOf } from "@forerun/rpc/call-context";
import { toWireTurn } from "../turn-wire.ts";
import type { ChatDeps } from "./chat-deps.ts";
import { itemsOf, pageSize } from "./page.ts";
import { noSuchConversation } from "./refusals.ts";

export function listTurns(deps: ChatDeps): ServiceImpl<typeof ChatService>["listTurns"] {
  return async (request, ctx) => {
    const caller = callerOf(ctx);
    const { conversationId } = request;
    const page = await deps.turnLog.list(
      caller,
      conversationId || undefined,
      pageSize(request),
      request.pageToken || undefined,
    );
    const { items, nextPageToken } = itemsOf(page);
    // A conversation without turns and one that is not there look alike to the log.
    if (conversationId && items.length === 0 && !(await deps.conversations.get(caller, conversationId))) {
      throw noSuchConversation();
    }
    return { turns: items.map(toWireTurn), nextPageToken };
  };
}
