import type { ServiceImpl } from "@connectrpc/connect";
import type { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { ask } from "./rpc/ask.ts";
import { cancelTurn } from "./rpc/cancel-turn.ts";
import { chat } from "./rpc/chat.ts";
import type { ChatDeps } from "./rpc/chat-deps.ts";
import {
  createConversation,
  deleteConversation,
  getConversation,
  listConversations,
  updateConversation,
} from "./rpc/conversations.ts";
import { createTurn } from "./rpc/create-turn.ts";
import { getTurn } from "./rpc/get-turn.ts";
import { listMessages } from "./rpc/list-messages.ts";
import { listTurns } from "./rpc/list-turns.ts";
import { getQuota, getUsage } from "./rpc/quota.ts";
import { notImplemented } from "./rpc/refusals.ts";
import { streamTurn } from "./rpc/stream-turn.ts";

/** The Chat API's handlers. The last four are declared, so that clients can be written, and refused until they are built. */
export function chatService(deps: ChatDeps): ServiceImpl<typeof ChatService> {
  return {
    ask: ask(deps),
    chat: chat(deps),
    createTurn: createTurn(deps),
    streamTurn: streamTurn(deps),
    getTurn: getTurn(deps),
    listTurns: listTurns(deps),
    cancelTurn: cancelTurn(deps),
    createConversation: createConversation(deps),
    getConversation: getConversation(deps),
    listConversations: listConversations(deps),
    updateConversation: updateConversation(deps),
    deleteConversation: deleteConversation(deps),
    listMessages: listMessages(deps),
    forkConversation: refusing("ForkConversation"),
    getQuota: getQuota(deps),
    getUsage: getUsage(deps),
    createFeedback: refusing("CreateFeedback"),
    resolveInterrupts: refusing("ResolveInterrupts"),
    submitToolOutputs: refusing("SubmitToolOutputs"),
  };
}

function refusing(method: string): () => never {
  return () => {
    throw notImplemented(method);
  };
}
