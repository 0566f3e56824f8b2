import type { ServiceImpl } from "@connectrpc/connect";
import type { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { callerOf } from "@forerun/rpc/call-context";
import type { ChatDeps } from "./chat-deps.ts";
import { cancelOnLeave } from "./disconnect.ts";
import { findTurn } from "./find-turn.ts";
import { FROM_THE_START, followTurn } from "./follow-turn.ts";
import { inputOf } from "./input-of.ts";
import { startTurn } from "./start-turn.ts";

export function chat(deps: ChatDeps): ServiceImpl<typeof ChatService>["chat"] {
  return async function* (request, ctx) {
    const input = inputOf(request);
    const { resumeAfter } = request;
    const turnId = await (resumeAfter ? findTurn : startTurn)(deps, input, ctx);
    const cursor = resumeAfter
      ? { epoch: resumeAfter.epoch, afterSequence: resumeAfter.sequence }
      : FROM_THE_START;
    using _leaving = cancelOnLeave(deps, input, { caller: callerOf(ctx), turnId, client: ctx.signal });
    for await (const event of followTurn(deps, ctx, turnId, cursor)) {
      yield { event };
    }
  };
}
