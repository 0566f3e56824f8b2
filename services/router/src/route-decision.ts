import type { JsonObject } from "./tier0/tool-definition.ts";

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
  maxToolCalls: number;
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
  text: string;
  confidence: number;
  candidates: readonly Readonly<{ name: string; pTool: number; pArguments: number }>[];
  tier: 0 | 1;
  policyVersion: string;
  /** Why a model's decision, or a part of it, was not used; empty when it was, or when none was asked. */
  fallbackReason: string;
  thought: string;
}>;

export type RouteUsage = Readonly<{
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
  | Readonly<{ kind: "decided"; decision: RouteDecision; usage: RouteUsage }>;
