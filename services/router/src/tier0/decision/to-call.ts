import { isTyped } from "../arguments/typed-value.ts";
import { type Draft, rankedBy } from "./draft.ts";
import type { Tier0Call } from "./tier0-decision.ts";

/** A draft as others see it; without all required arguments it cannot be right. */
export function toCall(draft: Draft): Tier0Call {
  return {
    name: draft.ranked.tool.definition.name,
    arguments: draft.extraction.arguments,
    pTool: draft.pTool,
    rankedBy: rankedBy(draft.ranked),
    pArguments: draft.extraction.missing.length > 0 ? 0 : draft.extraction.probability,
    missing: draft.extraction.missing,
    typed: isTyped(draft.extraction),
  };
}
