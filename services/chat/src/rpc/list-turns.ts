import type { ServiceImpl } from "@connectrpc/connect";
import type { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { callerOf } from "@forerun/rpc/call-context";
import { toWireTurn } from "../turn-wire.ts";
import type { ChatDeps } from "./chat-deps.ts";
import { itemsOf, pageSize } from "./page.ts";

export function listTurns(deps: ChatDeps): ServiceImpl<typeof ChatService>["listTurns"] {
  return async (request, ctx) => {
    const page = await deps.turnLog.list(
      callerOf(ctx),
      request.conversationId || undefined,
      pageSize(request),
      request.pageToken || undefined,
    );
    const { items, nextPageToken } = itemsOf(page);
    return { turns: items.map(toWireTurn), nextPageToken };
  };
}
