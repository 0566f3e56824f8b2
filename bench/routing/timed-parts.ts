import { createPrior } from "@forerun/router/tier0/decision/prior";
import { rankTools } from "@forerun/router/tier0/ranking/rank";
import { Tier0 } from "@forerun/router/tier0/tier0";
import type { ToolDefinition } from "@forerun/router/tier0/tool-definition";
import { askedAlone } from "./ask.ts";

export type TimedParts = Readonly<{ rank(text: string): unknown; decide(text: string): unknown }>;

const TOP = 8;

/** The two parts of tier 0 whose time is measured, over the tools. */
export async function decideParts(tools: readonly ToolDefinition[]): Promise<TimedParts> {
  const prior = createPrior();
  const tier0 = new Tier0(prior);
  const index = await tier0.register(tools);
  return {
    rank: (text) => rankTools(index, text, TOP, prior.lexicon.synonyms),
    decide: (text) => tier0.decide(index, askedAlone(text)),
  };
}
