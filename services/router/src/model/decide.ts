import type { Model } from "@forerun/llm/model";
import type { TokenUsage } from "@forerun/llm/model-call";
import { parseDecision } from "./decision-json.ts";
import { decisionSchema } from "./decision-schema.ts";
import { type ClosedCall, EagerCalls } from "./eager-calls.ts";
import { judgeDecision, rulesOf } from "./judge-decision.ts";
import type { ModelCatalog } from "./model-catalog.ts";
import { type ModelDecision, type ModelUsage, NO_MODEL_USAGE } from "./model-decision.ts";
import { routePrompt } from "./route-prompt.ts";
import type { RouteQuestion } from "./route-question.ts";

/** Decisions of one version are comparable: raised with the prompt, the schema or the checks; a test holds it to the first two. */
export const MODEL_POLICY_VERSION = "model-2";

/** Tools offered to the model at most: prompts stay short however many tools there are. */
export const OFFERED_TOOLS = 8;

const MAX_DECISION_TOKENS = 1_024;
/** Of a decision that carries the answer. */
const MAX_ANSWER_TOKENS = 4_096;

/** Names of the tools that a model is offered, in a stable order; empty where there is nothing to decide. */
export function offeredTools(question: RouteQuestion, catalog: ModelCatalog): string[] {
  if (question.toolChoice === "none" || question.maxToolCalls === 0) return [];
  return question.candidates
    .filter((name) => catalog.has(name))
    .slice(0, OFFERED_TOOLS)
    .sort();
}

/**
 * Asks a model, once, what a message needs: calls as the model closes them, then the decision. One that cannot be used is not
 * repaired: its reason is given.
 */
export async function* decideByModel(
  question: RouteQuestion,
  catalog: ModelCatalog,
  model: Model,
  signal: AbortSignal,
): AsyncGenerator<ClosedCall | ModelDecision> {
  const tools = offeredTools(question, catalog);
  const request = {
    messages: routePrompt(question, catalog, tools),
    maxOutputTokens: question.carriesAnswer ? MAX_ANSWER_TOKENS : MAX_DECISION_TOKENS,
    responseSchema: { name: "route_decision", schema: decisionSchema(question, catalog, tools) },
  };
  const eager = new EagerCalls(rulesOf(question, catalog));
  let text = "";
  for await (const event of model.stream(request, signal)) {
    switch (event.kind) {
      case "text":
        text += event.text;
        yield* eager.push(event.text);
        break;
      case "done": {
        const usage = usageOf(event.usage);
        const parsed = parseDecision(text);
        yield parsed.kind === "unusable"
          ? { ...parsed, usage }
          : judgeDecision(parsed.decision, question, catalog, usage);
        return;
      }
      case "failed": {
        const { code, message } = event.error;
        yield { kind: "unusable", reason: `model_failed: ${code} ${message}`, usage: usageOf() };
        return;
      }
      default:
        event satisfies never;
    }
  }
}

/** A failed call counts as a call too: it may have cost something. */
function usageOf(tokens: Partial<TokenUsage> = {}): ModelUsage {
  return { ...NO_MODEL_USAGE, modelCalls: 1, ...tokens };
}
