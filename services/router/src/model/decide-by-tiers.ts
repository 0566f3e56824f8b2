import type { Model } from "@forerun/llm/model";
import type { ReplySlots } from "@forerun/llm/reply-memory";
import { decideByModel, offeredTools } from "./decide.ts";
import type { ClosedCall } from "./eager-calls.ts";
import type { ModelCatalog } from "./model-catalog.ts";
import { addModelUsage, type ModelDecision, NO_MODEL_USAGE } from "./model-decision.ts";
import type { RouteQuestion } from "./route-question.ts";

/** A small model decides; a larger one where the small one hands over to it, or where there is no small one. */
export type DecidingModels = Readonly<{
  route: Model | undefined;
  escalate: Model | undefined;
  /** Their earlier replies; without them every question is asked anew. */
  replies?: ReplySlots | undefined;
}>;

/** What is asked, with the model calls that the turn has for its decision and those that it keeps for its answer. */
export type TieredQuestion = Omit<RouteQuestion, "mayEscalate" | "carriesAnswer"> &
  Readonly<{ maxModelCalls: number; answerModelCalls: number }>;

export type TieredDecision = Exclude<ModelDecision, { kind: "escalated" }> & Readonly<{ tier: 1 | 2 }>;

const NOTHING_TO_DECIDE: TieredDecision = {
  kind: "decided",
  action: "answer",
  calls: [],
  text: "",
  thought: "no tool to choose",
  refusals: [],
  usage: NO_MODEL_USAGE,
  tier: 1,
};

/**
 * Calls as a model closes them, then the decision. Without a tool to offer there is nothing to decide, and no model is asked.
 * A larger model's decision to answer carries the answer, in the call that was kept for it: a turn makes no more calls for
 * having asked two models.
 */
export async function* decideByTiers(
  question: TieredQuestion,
  catalog: ModelCatalog,
  { route, escalate, replies }: DecidingModels,
  signal: AbortSignal,
): AsyncGenerator<ClosedCall | TieredDecision> {
  // An answer from results is the answer service's, which cites them.
  const carriesAnswer = question.answerModelCalls > 0 && question.earlierCalls.length === 0;
  const mayEscalate = escalate !== undefined && carriesAnswer && question.toolChoice !== "required";
  const small = { ...question, mayEscalate, carriesAnswer: false };
  if (offeredTools(small, catalog).length === 0) {
    yield NOTHING_TO_DECIDE;
    return;
  }
  let used = NO_MODEL_USAGE;
  if (route !== undefined) {
    let handedOver = false;
    for await (const step of decideByModel(small, catalog, { model: route, replies }, signal)) {
      if (step.kind === "closed") yield step;
      else if (step.kind === "escalated") handedOver = true;
      else yield { ...step, tier: 1 };
      if (step.kind !== "closed") used = step.usage;
    }
    if (!handedOver) return;
  }
  if (escalate === undefined) return;
  // What calls bring would have to be written up in a call that is no longer left.
  const decisions = route === undefined ? 0 : 1;
  const maxToolCalls = question.maxModelCalls > decisions ? question.maxToolCalls : 0;
  const large = { ...question, mayEscalate: false, carriesAnswer, maxToolCalls };
  for await (const step of decideByModel(large, catalog, { model: escalate, replies }, signal)) {
    if (step.kind === "closed") yield step;
    else if (step.kind !== "escalated") yield { ...step, usage: addModelUsage(used, step.usage), tier: 2 };
  }
}
