import type { Turn, Usage } from "./turn.ts";

/** Events count in 32 bits: a sum stops at the most they hold. */
const MOST = 2 ** 31 - 1;

export function addUsage(a: Usage, b: Usage): Usage {
  return {
    modelCalls: sum(a.modelCalls, b.modelCalls),
    inputTokens: sum(a.inputTokens, b.inputTokens),
    outputTokens: sum(a.outputTokens, b.outputTokens),
    cachedTokens: sum(a.cachedTokens, b.cachedTokens),
    costMicros: sum(a.costMicros, b.costMicros),
    discardedModelCalls: sum(a.discardedModelCalls, b.discardedModelCalls),
  };
}

/** The event that tells what the turn has used once `usage` is added; none where no model was called. */
export function usageEvents(turn: Turn, usage: Usage): { kind: "usageUpdated"; usage: Usage }[] {
  return usage.modelCalls + usage.discardedModelCalls > 0
    ? [{ kind: "usageUpdated", usage: addUsage(turn.usage, usage) }]
    : [];
}

function sum(a: number, b: number): number {
  return Math.min(a + b, MOST);
}
