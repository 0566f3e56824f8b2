import type { Usage } from "./turn.ts";

/** Bounds of one turn. */
export type TurnLimits = {
  maxModelCalls: number;
  maxToolCalls: number;
  /** Of the answer; 0 means the answer service's default. */
  maxOutputTokens: number;
  /** In millionths of a US dollar; 0 means no bound. */
  maxCostMicros: number;
};

/** Model calls that the turn may still make: none once it has cost what it may. */
export function modelCallsLeft(limits: TurnLimits, usage: Usage): number {
  return costSpent(limits, usage) ? 0 : Math.max(0, limits.maxModelCalls - usage.modelCalls);
}

/** The turn has cost what it may: an answer is composed of what there is. */
export function costSpent({ maxCostMicros }: TurnLimits, { costMicros }: Usage): boolean {
  return maxCostMicros > 0 && costMicros >= maxCostMicros;
}
