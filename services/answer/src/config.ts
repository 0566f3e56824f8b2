import type { ModelOptions } from "@forerun/llm/model";
import { MODEL_VARIABLES, modelSettings } from "@forerun/llm/model-settings";
import { type Environment, readEnv } from "@forerun/runtime/config";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import type { FileConfig } from "@forerun/runtime/file-config";

const ANSWER_ENVIRONMENT = ENVIRONMENT.pick(MODEL_VARIABLES);

/** The model that writes answers; undefined composes them. */
export function readAnswerModel(env: Environment, file: FileConfig): ModelOptions | undefined {
  return modelSettings("answer", readEnv(ANSWER_ENVIRONMENT, env), file.models.tiers, env);
}
