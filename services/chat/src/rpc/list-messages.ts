import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import type { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { callerOf } from "@forerun/rpc/call-context";
import type { ChatDeps } from "./chat-deps.ts";
import { itemsOf, pageSize } from "./page.ts";
import { noSuchConversation } from "./refusals.ts";

export function listMessages(deps: ChatDeps): ServiceImpl<typeof ChatService>["listMessages"] {
  return async (request, ctx) => {
    const token = request.pageToken || undefined;
    const { conversationId } = request;
    const page = await deps.conversations.messages(callerOf(ctx), conversationId, pageSize(request), token);
    if (!page) throw noSuchConversation();
    const { items, nextPageToken } = itemsOf(page);
    const messages = items.map((message) => ({
      ...message,
      createTime: timestampFromDate(message.createTime),
    }));
    return { messages, nextPageToken };
  };
}
