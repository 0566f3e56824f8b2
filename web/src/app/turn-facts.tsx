import { duration } from "@forerun/timeline/duration";
import type { TurnView } from "../model/turn-view.ts";

/** What the turn took: measured times and counted model calls. */
export function TurnFacts({ turn: { timing, usage } }: { turn: TurnView }) {
  const facts = [
    timing.endMs !== undefined && duration(timing.endMs),
    timing.firstWordMs !== undefined && `first word ${duration(timing.firstWordMs)}`,
    usage &&
      (usage.modelCalls === 0
        ? "no model"
        : `${usage.modelCalls} model ${usage.modelCalls === 1 ? "call" : "calls"}`),
    usage && usage.discardedModelCalls > 0 && `${usage.discardedModelCalls} discarded`,
    usage && usage.inputTokens + usage.outputTokens > 0 && `${usage.inputTokens + usage.outputTokens} tokens`,
  ].filter((fact) => typeof fact === "string");
  return <p class="facts">{facts.join(" · ")}</p>;
}
