import type { ServiceImpl } from "@connectrpc/connect";
import type { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import type { ChatDeps } from "./chat-deps.ts";
import { followTurn } from "./follow-turn.ts";

export function streamTurn(deps: ChatDeps): ServiceImpl<typeof ChatService>["streamTurn"] {
  return async function* ({ turnId, epoch, afterSequence }, ctx) {
    const cursor = { epoch, afterSequence };
    for await (const event of followTurn(deps, ctx, turnId, cursor)) yield { event };
  };
}
