import type { JsonObject } from "../tool-definition.ts";
import type { AbstainReason } from "./abstain.ts";
import type { RankedBy } from "./heads.ts";

export type Tier0Call = Readonly<{
  name: string;
  arguments: JsonObject;
  /** Probability that the tool is wanted. */
  pTool: number;
  /** How the tools were ranked, and so whose heads gave `pTool`. */
  rankedBy: RankedBy;
  /** Probability that the arguments are right, by the fitted prior; not calibrated to a deployment. */
  pArguments: number;
  /** Required parameters the text does not give. Always empty in a decision's calls. */
  missing: readonly string[];
  /** Every argument is of a form that tells what it is: a number, a date, an option, a known place, not just words. */
  typed: boolean;
}>;

export type Tier0Decision = Readonly<{
  action: "call" | "answer" | "clarify" | "refuse";
  /** Empty unless the action is call. */
  calls: readonly Tier0Call[];
  /** Likely calls, best first, those that are incomplete or unsure included: hints for a model. */
  drafts: readonly Tier0Call[];
  /** The question or the refusal; empty for other actions. */
  text: string;
  /** Probability that the action and its calls are right. */
  confidence: number;
  candidates: readonly Readonly<{ name: string; pTool: number; pArguments: number }>[];
  /** Names of the tools that have anything in common with the text, best first. */
  ranking: readonly string[];
  /** Why nothing is called, or how calls were found. */
  reason: AbstainReason | "matched" | "follow_up" | "completed";
}>;

/** Changes with the rules, the features and the fitted prior. */
export const TIER0_POLICY_VERSION = "tier0-3";
