import type { Model } from "@forerun/llm/model";
import type { TokenUsage } from "@forerun/llm/model-call";
import { type CallRules, checkCalls } from "./check-calls.ts";
import { type DecisionJson, parseDecision } from "./decision-json.ts";
import { type ClosedCall, EagerCalls } from "./eager-calls.ts";
import type { ModelCatalog } from "./model-catalog.ts";
import { type ModelDecision, type ModelUsage, NO_MODEL_USAGE } from "./model-decision.ts";
import { decisionSchema, routePrompt } from "./route-prompt.ts";
import type { RouteQuestion } from "./route-question.ts";

/** Changes with the prompt, the schema and the checks: decisions of one version are comparable. */
export const MODEL_POLICY_VERSION = "model-1";

/** Tools offered to the model at most: prompts stay short however many tools there are. */
export const OFFERED_TOOLS = 8;

const MAX_DECISION_TOKENS = 1_024;
const MAX_THOUGHT_CHARACTERS = 500;

/**
 * Asks the small model, once, what a message needs: calls as the model closes them, then the decision. One that cannot be used
 * is not repaired: its reason is given and tier 0 decides. Without a tool to offer there is nothing to decide, and no call is
 * made.
 */
export async function* decideByModel(
  question: RouteQuestion,
  catalog: ModelCatalog,
  model: Model,
  signal: AbortSignal,
): AsyncGenerator<ClosedCall | ModelDecision> {
  const tools = question.candidates
    .filter((name) => catalog.has(name))
    .slice(0, OFFERED_TOOLS)
    .sort();
  if (question.toolChoice === "none" || question.maxToolCalls === 0 || tools.length === 0) {
    yield decided({ action: "answer", thought: "", calls: [], text: "" }, NO_MODEL_USAGE);
    return;
  }
  const request = {
    messages: routePrompt(question, catalog, tools),
    maxOutputTokens: MAX_DECISION_TOKENS,
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
          : judge(parsed.decision, question, catalog, usage);
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

function rulesOf(question: RouteQuestion, catalog: ModelCatalog): CallRules {
  return { catalog, allowed: new Set(question.candidates), maxToolCalls: question.maxToolCalls };
}

function judge(
  decision: DecisionJson,
  question: RouteQuestion,
  catalog: ModelCatalog,
  usage: ModelUsage,
): ModelDecision {
  switch (decision.action) {
    case "call":
      return judgeCalls(decision, question, catalog, usage);
    case "answer":
    case "refuse":
      if (question.toolChoice === "required") return unusable("tool_required", "no tool was called", usage);
      if (decision.action === "answer") return decided(decision, usage);
      break;
    case "clarify":
      break;
    default:
      return decision.action satisfies never;
  }
  return decision.text.trim() === ""
    ? unusable("no_text", `${decision.action} without a text`, usage)
    : decided(decision, usage);
}

function judgeCalls(
  decision: DecisionJson,
  question: RouteQuestion,
  catalog: ModelCatalog,
  usage: ModelUsage,
): ModelDecision {
  const { calls, refusals } = checkCalls(decision.calls, rulesOf(question, catalog));
  if (calls.some(({ dependsOn }) => dependsOn.length === 0)) {
    return { ...decided(decision, usage), calls, refusals };
  }
  const reason =
    refusals[0] ??
    (calls.length > 0 ? "dangling_reference: no call can start" : "no_calls: call without calls");
  return { kind: "unusable", reason, usage };
}

function decided(decision: DecisionJson, usage: ModelUsage): Extract<ModelDecision, { kind: "decided" }> {
  const { action, thought, text } = decision;
  const spoken = action === "clarify" || action === "refuse";
  return {
    kind: "decided",
    action,
    calls: [],
    text: spoken ? text.trim() : "",
    thought: thought.slice(0, MAX_THOUGHT_CHARACTERS).toWellFormed(),
    refusals: [],
    usage,
  };
}

function unusable(cause: string, detail: string, usage: ModelUsage): ModelDecision {
  return { kind: "unusable", reason: `${cause}: ${detail}`, usage };
}

/** A failed call counts as a call too: it may have cost something. */
function usageOf(tokens: Partial<TokenUsage> = {}): ModelUsage {
  return { ...NO_MODEL_USAGE, modelCalls: 1, ...tokens };
}
