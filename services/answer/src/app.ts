import { AnswerService } from "@forerun/contracts/forerun/answer/v1/answer_pb";
import { openHost, type Running } from "@forerun/host/open-host";
import { openReplyMemory, type ReplyMemory } from "@forerun/llm/reply-memory";
import { type ModelFor, openTier } from "@forerun/llm/tier-models";
import { type App, bind } from "@forerun/rpc/binding";
import type { Environment } from "@forerun/runtime/config";
import { UntrustedSchemas } from "@forerun/toolkit/untrusted-schema";
import { readAnswerModels, readRenderedTools } from "./config.ts";
import { answerHandlers } from "./service.ts";

/** The service. Where there is no model for a call, it composes. */
export function createAnswer(deps: {
  modelFor?: ModelFor | undefined;
  /** What the models wrote a moment ago; without it they are asked anew each time. */
  replies?: ReplyMemory | undefined;
  /** Tools whose own words are the answer when their call is the only one; none unless they are named. */
  renderedTools?: ReadonlySet<string>;
}): App {
  const { modelFor, replies, renderedTools = new Set() } = deps;
  const schemas = new UntrustedSchemas();
  return {
    bindings: [bind(AnswerService, answerHandlers({ modelFor, replies, renderedTools, schemas }))],
    async [Symbol.asyncDispose]() {},
  };
}

/** The service as a process of its own. Throws ForerunError when its configuration does not allow it. */
export async function start(environment: Environment): Promise<Running> {
  const host = await openHost("answer", environment);
  const models = openTier("answer", readAnswerModels(environment, host.file), {
    meter: host.metrics.meter,
    tracer: host.tracer,
  });
  return host.serve({
    ...createAnswer({
      modelFor: models.modelFor,
      replies: openReplyMemory(host.openCache(), "answer", host.file.cache.model_ttl),
      renderedTools: readRenderedTools(host.file),
    }),
    [Symbol.asyncDispose]: () => models[Symbol.asyncDispose](),
  });
}
