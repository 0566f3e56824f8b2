import type { ModelOptions } from "@forerun/llm/model";
import type { ModelTier, TierSettings } from "@forerun/llm/model-settings";
import { hideCredentials } from "@forerun/runtime/hide-credentials";
import { type Finding, fine, wrong } from "./finding.ts";

const ANSWER_MS = 5_000;
const OPENAI_URL = "https://api.openai.com/v1";

/** Every model of a tier, those of single tenants included. Only the tiers that every turn uses are missed. */
export async function checkTier(tier: ModelTier, { common, tenants }: TierSettings): Promise<Finding[]> {
  const lists = [
    [tier, common] as const,
    ...[...tenants].map(([tenant, list]) => [`${tier} ${tenant}`, list] as const),
  ];
  const checks = lists.flatMap(([name, list]) =>
    list.map((model, at) => checkModel(at === 0 ? `model ${name}` : `model ${name} ${at + 1}`, model)),
  );
  const missed = checks.length === 0 && (tier === "route" || tier === "answer");
  return missed ? [fine(`model ${tier}`, "none: tools and documents answer")] : Promise.all(checks);
}

/** The model's API answers and takes the key. No model is called, so nothing is paid. */
async function checkModel(check: string, model: ModelOptions): Promise<Finding> {
  const address = model.url ?? OPENAI_URL;
  const url = hideCredentials(address);
  try {
    const response = await fetch(`${address}/models`, {
      headers: model.key ? { authorization: `Bearer ${model.key}` } : {},
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    await response.body?.cancel();
    if (response.status === 401 || response.status === 403) {
      return wrong(check, `${url} refuses the key (${response.status})`, "set OPENAI_API_KEY to a valid key");
    }
    if (response.status >= 500)
      return wrong(check, `${url} answers ${response.status}`, "start or mend it, then try again");
    return fine(check, `${model.model} at ${url}`);
  } catch (error) {
    return wrong(
      check,
      `${url} does not answer (${causeOf(error)})`,
      "start it, or set MODEL_URL to where it runs",
    );
  }
}

/** fetch hides the system's word ("ECONNREFUSED") in the cause. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && "code" in cause ? String(cause.code) : error.message;
}
