/** The five RPCs on conversations: each is a call of the store and its conversion. */
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import type { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { callerOf } from "@forerun/rpc/call-context";
import type { Conversation } from "../ports.ts";
import type { ChatDeps } from "./chat-deps.ts";
import { itemsOf, pageSize } from "./page.ts";
import { noSuchConversation } from "./refusals.ts";

type Chat = ServiceImpl<typeof ChatService>;

export function createConversation(deps: ChatDeps): Chat["createConversation"] {
  return async ({ title }, ctx) => ({
    conversation: toWire(await deps.conversations.create(callerOf(ctx), title)),
  });
}

export function getConversation(deps: ChatDeps): Chat["getConversation"] {
  return async ({ conversationId }, ctx) => ({
    conversation: toWire(known(await deps.conversations.get(callerOf(ctx), conversationId))),
  });
}

export function listConversations(deps: ChatDeps): Chat["listConversations"] {
  return async (request, ctx) => {
    const token = request.pageToken || undefined;
    const { items, nextPageToken } = itemsOf(
      await deps.conversations.list(callerOf(ctx), pageSize(request), token),
    );
    return { conversations: items.map(toWire), nextPageToken };
  };
}

export function updateConversation(deps: ChatDeps): Chat["updateConversation"] {
  return async ({ conversationId, title }, ctx) => ({
    conversation: toWire(known(await deps.conversations.rename(callerOf(ctx), conversationId, title))),
  });
}

export function deleteConversation(deps: ChatDeps): Chat["deleteConversation"] {
  return async ({ conversationId }, ctx) => {
    const caller = callerOf(ctx);
    for (const turnId of await deps.turnLog.open(caller, conversationId)) {
      await deps.stopTurn(caller, turnId, "user", ctx.signal);
    }
    if (!(await deps.conversations.remove(caller, conversationId))) throw noSuchConversation();
    return {};
  };
}

function known(conversation: Conversation | undefined): Conversation {
  if (!conversation) throw noSuchConversation();
  return conversation;
}

function toWire(conversation: Conversation) {
  return {
    conversationId: conversation.conversationId,
    title: conversation.title,
    createTime: timestampFromDate(conversation.createTime),
    updateTime: timestampFromDate(conversation.updateTime),
  };
}
