import { AnswerService } from "@forerun/contracts/forerun/answer/v1/answer_pb";
import { openHost, type Running } from "@forerun/host/open-host";
import { type ModelFor, openTier } from "@forerun/llm/tier-models";
import { type App, bind } from "@forerun/rpc/binding";
import type { Environment } from "@forerun/runtime/config";
import { readAnswerModels } from "./config.ts";
import { answerHandlers } from "./service.ts";

/** The service. Where there is no model for a call, it composes. */
export function createAnswer(deps: { modelFor?: ModelFor | undefined }): App {
  return {
    bindings: [bind(AnswerService, answerHandlers(deps.modelFor))],
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
    ...createAnswer({ modelFor: models.modelFor }),
    [Symbol.asyncDispose]: () => models[Symbol.asyncDispose](),
  });
}
