import type { ServiceImpl } from "@connectrpc/connect";
import type { AnswerService } from "@forerun/contracts/forerun/answer/v1/answer_pb";
import type { ModelFor } from "@forerun/llm/tier-models";
import { callerOf, traceOf } from "@forerun/rpc/call-context";
import { eventToWire, questionFromWire } from "./answer-wire.ts";
import { type AnswerDeps, generateAnswer } from "./generate.ts";

export type AnswerServiceDeps = Omit<AnswerDeps, "model"> & { modelFor: ModelFor | undefined };

export function answerHandlers({ modelFor, ...deps }: AnswerServiceDeps): ServiceImpl<typeof AnswerService> {
  return {
    async *generate(request, ctx) {
      const model = modelFor?.({
        tenant: callerOf(ctx).tenant,
        traceparent: traceOf(ctx),
        timeLeftMs: ctx.timeoutMs(),
      });
      for await (const event of generateAnswer(questionFromWire(request), { ...deps, model }, ctx.signal)) {
        yield eventToWire(event);
      }
    },
  };
}
