import { type CallRules, checkCalls } from "./check-calls.ts";
import type { DecisionJson } from "./decision-json.ts";
import type { ModelCatalog } from "./model-catalog.ts";
import type { ModelDecision, ModelUsage } from "./model-decision.ts";
import type { RouteQuestion } from "./route-question.ts";

const MAX_THOUGHT_CHARACTERS = 500;

/** What a model wrote, held against what it was asked: a decision, or why it is none. */
export function judgeDecision(
  decision: DecisionJson,
  question: RouteQuestion,
  catalog: ModelCatalog,
  usage: ModelUsage,
): ModelDecision {
  const { action } = decision;
  const { toolChoice, mayEscalate, carriesAnswer } = question;
  if (action === "call") return judgeCalls(decision, rulesOf(question, catalog), usage);
  if (toolChoice === "required" && action !== "clarify") {
    return unusable("tool_required", "no tool was called", usage);
  }
  if (action === "escalate") {
    if (!mayEscalate) return unusable("off_schema", "there is no larger model to hand over to", usage);
    return { kind: "escalated", thought: shortened(decision.thought), usage };
  }
  const { thought } = decision;
  if (action === "answer" && !carriesAnswer) return decided({ action, thought, text: "" }, usage);
  const text = decision.text.trim();
  if (text === "") return unusable("no_text", `${action} without a text`, usage);
  return decided({ action, thought, text }, usage);
}

export function rulesOf(question: RouteQuestion, catalog: ModelCatalog): CallRules {
  return {
    catalog,
    allowed: new Set(question.candidates),
    maxToolCalls: question.maxToolCalls,
    earlier: new Set(question.earlierCalls.map(({ callId }) => callId)),
  };
}

function judgeCalls(decision: DecisionJson, rules: CallRules, usage: ModelUsage): ModelDecision {
  const { calls, refusals } = checkCalls(decision.calls, rules);
  if (calls.length > 0) {
    const { thought } = decision;
    return { ...decided({ action: "call", thought, text: "" }, usage), calls, refusals };
  }
  return { kind: "unusable", reason: refusals[0] ?? "no_calls: call without calls", usage };
}

type Decided = Extract<ModelDecision, { kind: "decided" }>;

function decided(said: Pick<Decided, "action" | "thought" | "text">, usage: ModelUsage): Decided {
  return { kind: "decided", ...said, thought: shortened(said.thought), calls: [], refusals: [], usage };
}

function shortened(thought: string): string {
  return thought.slice(0, MAX_THOUGHT_CHARACTERS).toWellFormed();
}

function unusable(cause: string, detail: string, usage: ModelUsage): ModelDecision {
  return { kind: "unusable", reason: `${cause}: ${detail}`, usage };
}
