import type { ToolCallRecord, Turn } from "../turn.ts";

/** What a turn is noted to have used, as JSON for its end's statement; nothing where it called no model. */
export function usageValue({ usage, toolCalls }: Turn): string {
  if (usage.modelCalls === 0) return "[]";
  const models = (usage.models ?? []).map(({ model, calls, inputTokens, outputTokens, costMicros }) => ({
    kind: "model",
    name: storable(model),
    calls,
    input: inputTokens,
    output: outputTokens,
    cost: costMicros,
  }));
  const tools = [...callsByTool(toolCalls)].map(([name, calls]) => ({
    kind: "tool",
    name,
    calls,
    input: 0,
    output: 0,
    cost: 0,
  }));
  return JSON.stringify([...models, ...tools]);
}

/** Calls that ran: neither refused nor answered by an earlier result. */
function callsByTool(records: readonly ToolCallRecord[]): Map<string, number> {
  const calls = new Map<string, number>();
  for (const { call, outcome, reused } of records) {
    if (outcome !== "denied" && !reused) calls.set(call.name, (calls.get(call.name) ?? 0) + 1);
  }
  return calls;
}

/** An endpoint names its models as it likes. */
function storable(name: string): string {
  return name.replaceAll("\0", "").slice(0, 200);
}
