import type { Usage } from "./turn.ts";

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

function sum(a: number, b: number): number {
  return Math.min(a + b, MOST);
}
