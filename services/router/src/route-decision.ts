import type { Reused } from "@forerun/cache/cache";
import type { Json, JsonObject } from "./tier0/tool-definition.ts";

/** What is asked of the router. */
export type RouteQuestion = Readonly<{
  text: string;
  history: readonly Readonly<{ role: "user" | "assistant"; content: string }>[];
  toolChoice: "auto" | "none" | "required";
  /** Names of tools that may be used; empty means all. */
  allowedTools: readonly string[];
  now: Date;
  timeZone: string;
  /** 0 leaves the decision to tier 0. */
  maxModelCalls: number;
  /** Kept for the answer: a decision that carries the answer may use one of them. */
  answerModelCalls: number;
  maxToolCalls: number;
  /** What was called for this message in the rounds before; empty in the first. */
  earlierCalls: readonly EarlierCall[];
}>;

/** A call of an earlier round and what came of it. */
export type EarlierCall = Readonly<{
  callId: string;
  name: string;
  arguments: JsonObject;
  result: Readonly<{ kind: "output"; output: Json } | { kind: "failure"; message: string }>;
}>;

export type RoutedCall = Readonly<{
  callId: string;
  name: string;
  arguments: JsonObject;
  dependsOn: readonly string[];
}>;

export type RouteDecision = Readonly<{
  action: "answer" | "call" | "clarify" | "refuse";
  calls: readonly RoutedCall[];
  /** The question or the refusal; of an answer the answer itself, where the decision carries it. */
  text: string;
  confidence: number;
  candidates: readonly Readonly<{ name: string; pTool: number; pArguments: number }>[];
  tier: 0 | 1 | 2;
  policyVersion: string;
  /** Why a model's decision, or a part of it, was not used; empty when it was, or when none was asked. */
  fallbackReason: string;
  thought: string;
  /** Why it stands at its tier: "model"; how tier 0 came to it; "calibrated" when it needed no model though there was one. */
  reason: string;
  /** What came of asking a model all the same. */
  audit: "none" | "agreed" | "disagreed";
}>;

export type RouteUsage = Readonly<{
  /** The model that was asked last; empty when none was. */
  model: string;
  modelCalls: number;
  inputTokens: number;
  outputTokens: number;
  cachedTokens: number;
  /** Millionths of a US dollar. */
  costMicros: number;
}>;

/** Tier 0's guess, or a call that the model has written while the rest of its decision is on its way. */
export type DraftSource = "tier0" | "decision";

/** Drafts as they become known, then exactly one decision. */
export type RouteStep =
  | Readonly<{ kind: "draft"; source: DraftSource; call: RoutedCall; pTool: number; pArguments: number }>
  /** `reused`: it is what a model decided for the same question a moment ago. */
  | Readonly<{
      kind: "decided";
      decision: RouteDecision;
      usage: RouteUsage;
      reused?: Reused | undefined;
    }>;
