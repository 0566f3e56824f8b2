import { MODEL_VARIABLES, readTier, type TierSettings } from "@forerun/llm/model-settings";
import { type Environment, readEnv } from "@forerun/runtime/config";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import type { FileConfig } from "@forerun/runtime/file-config";

const ANSWER_ENVIRONMENT = ENVIRONMENT.pick(MODEL_VARIABLES);

/** The models that write answers; none leaves them to be composed. */
export function readAnswerModels(env: Environment, file: FileConfig): TierSettings {
  return readTier("answer", readEnv(ANSWER_ENVIRONMENT, env), file.models, env);
}
