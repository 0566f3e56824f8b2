import type { ToolDefinition } from "@forerun/router/tier0/tool-definition";
import type { IntentCase } from "./data.ts";
import { seededShuffle } from "./shuffle.ts";

/** The intent of utterances that want none. */
export const OUT_OF_SCOPE = "oos";

/** The utterances of each intent, in an order that is the same in every run. */
export function utterancesByIntent(cases: readonly IntentCase[]): Map<string, string[]> {
  const byIntent = new Map<string, string[]>();
  const inside = cases.filter(({ intent }) => intent !== OUT_OF_SCOPE);
  for (const { text, intent } of seededShuffle(inside, 7))
    byIntent.set(intent, [...(byIntent.get(intent) ?? []), text]);
  return byIntent;
}

/** Intents as tools that are known by so many examples alone. */
export function intentTools(
  byIntent: ReadonlyMap<string, readonly string[]>,
  examples: number,
): ToolDefinition[] {
  return [...byIntent].map(([name, utterances]) => ({
    name,
    description: "",
    effect: "read",
    input_schema: {},
    trusted: true,
    examples: utterances.slice(0, examples).map((text) => ({ text, arguments: {} })),
  }));
}
