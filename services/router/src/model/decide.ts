import type { Model } from "@forerun/llm/model";
import type { TokenUsage } from "@forerun/llm/model-call";
import { checkCalls } from "./check-calls.ts";
import { type DecisionJson, parseDecision } from "./decision-json.ts";
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
 * Asks the small model, once, what a message needs. A decision that cannot be used is not repaired: its reason is returned
 * and tier 0 decides. Without a tool to offer there is nothing to decide, and no call is made.
 */
export async function decideByModel(
  question: RouteQuestion,
  catalog: ModelCatalog,
  model: Model,
  signal: AbortSignal,
): Promise<ModelDecision> {
  const tools = question.candidates
    .filter((name) => catalog.has(name))
    .slice(0, OFFERED_TOOLS)
    .sort();
  if (question.toolChoice === "none" || question.maxToolCalls === 0 || tools.length === 0) {
    return decided({ action: "answer", thought: "", calls: [], text: "" }, NO_MODEL_USAGE);
  }
  const completion = await model.complete(
    {
      messages: routePrompt(question, catalog, tools),
      maxOutputTokens: MAX_DECISION_TOKENS,
      responseSchema: { name: "route_decision", schema: decisionSchema(question, catalog, tools) },
    },
    signal,
  );
  if (completion.kind === "failed") {
    const { code, message } = completion.error;
    return { kind: "unusable", reason: `model_failed: ${code} ${message}`, usage: usageOf() };
  }
  const usage = usageOf(completion.usage);
  const parsed = parseDecision(completion.text);
  if (parsed.kind === "unusable") return { ...parsed, usage };
  return judge(parsed.decision, question, catalog, usage);
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
  const allowed = new Set(question.candidates);
  const { calls, refusals } = checkCalls(decision.calls, {
    catalog,
    allowed,
    maxToolCalls: question.maxToolCalls,
  });
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
