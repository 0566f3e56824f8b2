import { AnswerService } from "@forerun/contracts/forerun/answer/v1/answer_pb";
import { openHost, type Running } from "@forerun/host/open-host";
import { type ModelFor, openTier } from "@forerun/llm/tier-models";
import { type App, bind } from "@forerun/rpc/binding";
import type { Environment } from "@forerun/runtime/config";
import { UntrustedSchemas } from "@forerun/toolkit/untrusted-schema";
import { readAnswerModels, readRenderedTools } from "./config.ts";
import { answerHandlers } from "./service.ts";

/** The service. Where there is no model for a call, it composes. */
export function createAnswer(deps: {
  modelFor?: ModelFor | undefined;
  /** Tools whose own words are the answer when their call is the only one; none unless they are named. */
  renderedTools?: ReadonlySet<string>;
}): App {
  const { modelFor, renderedTools = new Set() } = deps;
  const schemas = new UntrustedSchemas();
  return {
    bindings: [bind(AnswerService, answerHandlers({ modelFor, renderedTools, schemas }))],
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
    ...createAnswer({ modelFor: models.modelFor, renderedTools: readRenderedTools(host.file) }),
    [Symbol.asyncDispose]: () => models[Symbol.asyncDispose](),
  });
}
