import type { ServiceImpl } from "@connectrpc/connect";
import type { AnswerService } from "@forerun/contracts/forerun/answer/v1/answer_pb";
import type { ReplyMemory } from "@forerun/llm/reply-memory";
import type { ModelFor } from "@forerun/llm/tier-models";
import { admit, callPlaces } from "@forerun/rpc/admit";
import { callerOf, traceOf } from "@forerun/rpc/call-context";
import { eventToWire, questionFromWire } from "./answer-wire.ts";
import { type AnswerDeps, generateAnswer } from "./generate.ts";

export type AnswerServiceDeps = Omit<AnswerDeps, "model" | "replies"> & {
  modelFor: ModelFor | undefined;
  replies: ReplyMemory | undefined;
};

export function answerHandlers({
  modelFor,
  replies,
  ...deps
}: AnswerServiceDeps): ServiceImpl<typeof AnswerService> {
  const places = callPlaces();
  return {
    async *generate(request, ctx) {
      using _place = await admit(places, ctx);
      const caller = callerOf(ctx);
      const model = modelFor?.({
        tenant: caller.tenant,
        traceparent: traceOf(ctx),
        timeLeftMs: ctx.timeoutMs(),
      });
      const question = questionFromWire(request);
      const asked = { ...deps, model, replies: replies?.slotsOf(caller) };
      for await (const event of generateAnswer(question, asked, ctx.signal)) {
        yield eventToWire(event);
      }
    },
  };
}
