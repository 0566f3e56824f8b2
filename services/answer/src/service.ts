import type { ServiceImpl } from "@connectrpc/connect";
import type { AnswerService } from "@forerun/contracts/forerun/answer/v1/answer_pb";
import type { Model } from "@forerun/llm/model";
import { callerOf } from "@forerun/rpc/call-context";
import { eventToWire, questionFromWire } from "./answer-wire.ts";
import { generateAnswer } from "./generate.ts";

export function answerHandlers(model: Model | undefined): ServiceImpl<typeof AnswerService> {
  return {
    async *generate(request, ctx) {
      callerOf(ctx);
      for await (const event of generateAnswer(questionFromWire(request), model, ctx.signal)) {
        yield eventToWire(event);
      }
    },
  };
}
