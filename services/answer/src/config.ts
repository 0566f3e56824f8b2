import { MODEL_VARIABLES, readTier, type TierSettings } from "@forerun/llm/model-settings";
import { type Environment, readEnv } from "@forerun/runtime/config";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import type { FileConfig } from "@forerun/runtime/file-config";

const ANSWER_ENVIRONMENT = ENVIRONMENT.pick(MODEL_VARIABLES);

/** The models that write answers; none leaves them to be composed. */
export function readAnswerModels(env: Environment, file: FileConfig): TierSettings {
  return readTier("answer", readEnv(ANSWER_ENVIRONMENT, env), file.models, env);
}

/** Tools whose own words are the answer when their call is the only one. */
export function readRenderedTools({
  tools: { enabled: _, timeout: __, ...byName },
}: FileConfig): ReadonlySet<string> {
  return new Set(
    Object.entries(byName).flatMap(([name, settings]) => (settings.rendered_answer ? [name] : [])),
  );
}
