import type { JsonSchema } from "@forerun/llm/model-call";
import type { ModelCatalog } from "./model-catalog.ts";
import type { RouteQuestion } from "./route-question.ts";

/** The shape of a decision, made from the offered tools, for endpoints that can constrain their output. */
export function decisionSchema(
  question: RouteQuestion,
  catalog: ModelCatalog,
  tools: readonly string[],
): JsonSchema {
  const calls = {
    type: "array",
    maxItems: question.maxToolCalls,
    items: { anyOf: tools.map((name) => catalog.callSchema(name)) },
  };
  return {
    type: "object",
    properties: {
      thought: { type: "string" },
      action: { enum: actionsOf(question, tools) },
      ...(tools.length > 0 ? { calls } : {}),
      text: { type: "string" },
    },
    required: ["thought", "action"],
    additionalProperties: false,
  };
}

function actionsOf({ toolChoice, mayEscalate }: RouteQuestion, tools: readonly string[]): string[] {
  if (toolChoice === "required") return ["call", "clarify"];
  const calling = tools.length > 0 ? ["call"] : [];
  return [...calling, "answer", "clarify", "refuse", ...(mayEscalate ? ["escalate"] : [])];
}
