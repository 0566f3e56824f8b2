import type { Model } from "@forerun/llm/model";
import type { TokenUsage } from "@forerun/llm/model-call";
import { type ReplySlots, replayed } from "@forerun/llm/reply-memory";
import { parseDecision } from "./decision-json.ts";
import { decisionSchema } from "./decision-schema.ts";
import { type ClosedCall, EagerCalls } from "./eager-calls.ts";
import { judgeDecision, rulesOf } from "./judge-decision.ts";
import type { ModelCatalog } from "./model-catalog.ts";
import { type ModelDecision, type ModelUsage, NO_MODEL_USAGE } from "./model-decision.ts";
import { routePrompt } from "./route-prompt.ts";
import type { RouteQuestion } from "./route-question.ts";

/** Decisions of one version are comparable: raised with the prompt, the schema or the checks; a test holds it to the first two. */
export const MODEL_POLICY_VERSION = "model-3";

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

/** Who is asked. `replies` gives an earlier reply to the same question again, where there is one. */
export type Asked = Readonly<{ model: Model; replies?: ReplySlots | undefined }>;

/**
 * Asks a model, once, what a message needs: calls as the model closes them, then the decision. One that cannot be used is not
 * repaired: its reason is given.
 */
export async function* decideByModel(
  question: RouteQuestion,
  catalog: ModelCatalog,
  { model, replies }: Asked,
  signal: AbortSignal,
): AsyncGenerator<ClosedCall | ModelDecision> {
  const tools = offeredTools(question, catalog);
  const request = {
    messages: routePrompt(question, catalog, tools),
    maxOutputTokens: question.carriesAnswer ? MAX_ANSWER_TOKENS : MAX_DECISION_TOKENS,
    responseSchema: { name: "route_decision", schema: decisionSchema(question, catalog, tools) },
  };
  const { now, timeZone } = question;
  const slot = replies?.({ model: model.name, request, policy: MODEL_POLICY_VERSION, now, timeZone });
  const kept = await slot?.find();
  const eager = new EagerCalls(rulesOf(question, catalog));
  let text = "";
  for await (const event of kept ? replayed(kept.reply) : model.stream(request, signal)) {
    switch (event.kind) {
      case "text":
        text += event.text;
        yield* eager.push(event.text);
        break;
      case "done": {
        const usage = kept ? NO_MODEL_USAGE : usageOf(event.model, event.usage);
        const decision = read(text, question, catalog, usage);
        if (!kept && event.finishReason === "stop" && mayBeReused(decision, catalog)) {
          await slot?.keep({ text, model: event.model });
        }
        yield kept ? { ...decision, reused: kept.reused } : decision;
        return;
      }
      case "failed": {
        const { code, message } = event.error;
        yield { kind: "unusable", reason: `model_failed: ${code} ${message}`, usage: usageOf(model.name) };
        return;
      }
      default:
        event satisfies never;
    }
  }
}

function read(
  text: string,
  question: RouteQuestion,
  catalog: ModelCatalog,
  usage: ModelUsage,
): ModelDecision {
  const parsed = parseDecision(text);
  if (parsed.kind === "unusable") return { ...parsed, usage };
  return judgeDecision(parsed.decision, question, catalog, usage);
}

/** What changes the world is decided on anew each time: the decision may rest on the time of day. */
function mayBeReused(decision: ModelDecision, catalog: ModelCatalog): boolean {
  if (decision.kind === "decided") return !decision.calls.some(({ name }) => catalog.changes(name));
  return decision.kind === "escalated";
}

/** A failed call counts as a call too: it may have cost something. */
function usageOf(model: string, tokens: Partial<TokenUsage> = {}): ModelUsage {
  return { ...NO_MODEL_USAGE, model, modelCalls: 1, ...tokens };
}
