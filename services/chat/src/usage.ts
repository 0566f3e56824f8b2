import type { ModelUsage, Turn, Usage } from "./turn.ts";

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
    ...((a.models ?? b.models) && { models: addModels(a.models ?? [], b.models ?? []) }),
  };
}

/** What one model has used. */
export function usageOf(model: string, usage: Usage): Usage {
  const { modelCalls: calls, inputTokens, outputTokens, costMicros } = usage;
  return calls > 0 ? { ...usage, models: [{ model, calls, inputTokens, outputTokens, costMicros }] } : usage;
}

function addModels(a: readonly ModelUsage[], b: readonly ModelUsage[]): ModelUsage[] {
  const sums = new Map(a.map((one) => [one.model, one]));
  for (const one of b) {
    const known = sums.get(one.model);
    if (!known) {
      sums.set(one.model, one);
      continue;
    }
    sums.set(one.model, {
      model: one.model,
      calls: sum(known.calls, one.calls),
      inputTokens: sum(known.inputTokens, one.inputTokens),
      outputTokens: sum(known.outputTokens, one.outputTokens),
      costMicros: sum(known.costMicros, one.costMicros),
    });
  }
  return [...sums.values()];
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
