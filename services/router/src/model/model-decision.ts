import type { Reused } from "@forerun/cache/cache";
import type { JsonObject } from "../tier0/tool-definition.ts";

export type Action = "answer" | "call" | "clarify" | "refuse";

/** A call that may run: its tool is allowed and its arguments fit, or it waits for the results of calls before it. */
export type DecidedCall = Readonly<{
  callId: string;
  name: string;
  arguments: JsonObject;
  /** Calls that its arguments refer to; such a call's arguments are not checked yet. */
  dependsOn: readonly string[];
}>;

export type ModelUsage = Readonly<{
  /** The model that was asked last; empty when none was. */
  model: string;
  modelCalls: number;
  inputTokens: number;
  outputTokens: number;
  cachedTokens: number;
  /** Millionths of a US dollar. */
  costMicros: number;
}>;

export const NO_MODEL_USAGE: ModelUsage = {
  model: "",
  modelCalls: 0,
  inputTokens: 0,
  outputTokens: 0,
  cachedTokens: 0,
  costMicros: 0,
};

export function addModelUsage(one: ModelUsage, other: ModelUsage): ModelUsage {
  return {
    model: other.model || one.model,
    modelCalls: one.modelCalls + other.modelCalls,
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    cachedTokens: one.cachedTokens + other.cachedTokens,
    costMicros: one.costMicros + other.costMicros,
  };
}

/** What a model decided, and where the decision is an earlier one. */
export type ModelDecision = FreshDecision & Readonly<{ reused?: Reused }>;

/** What a model decided, that a larger one is to decide, or why nothing can be made of it: then tier 0 decides. */
type FreshDecision =
  | Readonly<{
      kind: "decided";
      action: Action;
      /** Empty unless the action is call. */
      calls: readonly DecidedCall[];
      /** The question, the refusal, or the answer where the decision carries it; else empty. */
      text: string;
      thought: string;
      /** Calls of the model that were left out, and why; empty when all were taken. */
      refusals: readonly string[];
      usage: ModelUsage;
    }>
  | Readonly<{ kind: "escalated"; thought: string; usage: ModelUsage }>
  | Readonly<{
      kind: "unusable";
      /** A stable cause, a colon, and details: `unknown_tool: there is no tool "teleport"`. */
      reason: string;
      usage: ModelUsage;
    }>;
