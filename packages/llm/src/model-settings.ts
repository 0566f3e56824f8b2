import { z } from "zod";
import type { ModelOptions } from "./model.ts";

/** The models of a deployment, one a tier. */
export type ModelSettings = Readonly<{ route: ModelOptions; answer: ModelOptions }>;

/** The variables that connect a model; services that use one spread them into their own schema. */
export const modelVariables = {
  OPENAI_API_KEY: z.string().min(1).optional(),
  MODEL_URL: z
    .url({ protocol: /^https?$/, error: "must be an http(s) URL such as http://127.0.0.1:11434/v1" })
    .optional(),
  MODEL: z.string().min(1).optional(),
  ROUTE_MODEL: z.string().min(1).optional(),
};

export type ModelVariables = z.output<z.ZodObject<typeof modelVariables>>;

/** Says that a connected model has no name; for `superRefine` of a schema with {@link modelVariables}. */
export function requireModelName(variables: ModelVariables, context: z.RefinementCtx): void {
  const connected = variables.OPENAI_API_KEY ?? variables.MODEL_URL;
  if (connected !== undefined && variables.MODEL === undefined) {
    context.addIssue({
      code: "custom",
      path: ["MODEL"],
      message: "must name the model to use when OPENAI_API_KEY or MODEL_URL is set",
    });
  }
}

/** Undefined when no model is connected. */
export function modelSettings(variables: ModelVariables, timeoutMs = 30_000): ModelSettings | undefined {
  const { OPENAI_API_KEY: key, MODEL_URL: url, MODEL: answer } = variables;
  if (answer === undefined || (key === undefined && url === undefined)) return undefined;
  const route = variables.ROUTE_MODEL ?? answer;
  return {
    route: { url, key, model: route, timeoutMs: Math.min(timeoutMs, 10_000) },
    answer: { url, key, model: answer, timeoutMs },
  };
}
