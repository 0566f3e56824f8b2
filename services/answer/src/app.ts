import { AnswerService } from "@forerun/contracts/forerun/answer/v1/answer_pb";
import { openHost, type Running } from "@forerun/host/open-host";
import { measureModel } from "@forerun/llm/measure-model";
import { createModel, type Model } from "@forerun/llm/model";
import { type App, bind } from "@forerun/rpc/binding";
import type { Environment } from "@forerun/runtime/config";
import { readAnswerModel } from "./config.ts";
import { answerHandlers } from "./service.ts";

/** The service; without a model it composes. The model stays its giver's to dispose of. */
export function createAnswer(deps: { model?: Model | undefined }): App {
  return {
    bindings: [bind(AnswerService, answerHandlers(deps.model))],
    async [Symbol.asyncDispose]() {},
  };
}

/** The service as a process of its own. Throws ForerunError when its configuration does not allow it. */
export async function start(environment: Environment): Promise<Running> {
  const host = await openHost("answer", environment);
  const options = readAnswerModel(environment, host.file);
  if (options === undefined) return host.serve(createAnswer({}));
  const connection = createModel(options);
  const model = measureModel(connection, "answer", host.metrics.meter);
  return host.serve({
    ...createAnswer({ model }),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  });
}
