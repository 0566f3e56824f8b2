import { METRICS } from "@forerun/telemetry/names";
import type { Meter } from "@opentelemetry/api";
import type { Model } from "./model.ts";
import type { TokenUsage } from "./model-call.ts";
import type { ModelTier } from "./model-settings.ts";

type Outcome = "ok" | "failed" | "left";

/** The same model, its calls and tokens counted. A call that its caller left counts as "left". */
export function measureModel(model: Model, tier: ModelTier, meter: Meter): Model {
  const calls = meter.createCounter(METRICS.modelCalls, { description: "Model calls by how they ended." });
  const tokens = meter.createCounter(METRICS.tokens, { description: "Tokens read and written by models." });
  const record = (outcome: Outcome, usage?: TokenUsage) => {
    calls.add(1, { tier, outcome });
    if (usage === undefined) return;
    tokens.add(usage.inputTokens - usage.cachedTokens, { tier, kind: "input" });
    tokens.add(usage.cachedTokens, { tier, kind: "cached" });
    tokens.add(usage.outputTokens, { tier, kind: "output" });
  };
  return {
    name: model.name,
    contextTokens: model.contextTokens,
    async complete(request, signal) {
      let outcome: Outcome = "left";
      let usage: TokenUsage | undefined;
      try {
        const completion = await model.complete(request, signal);
        outcome = completion.kind === "completed" ? "ok" : "failed";
        if (completion.kind === "completed") usage = completion.usage;
        return completion;
      } finally {
        record(outcome, usage);
      }
    },
    async *stream(request, signal) {
      let outcome: Outcome = "left";
      let usage: TokenUsage | undefined;
      try {
        for await (const event of model.stream(request, signal)) {
          if (event.kind === "failed") outcome = "failed";
          if (event.kind === "done") {
            outcome = "ok";
            usage = event.usage;
          }
          yield event;
        }
      } finally {
        record(outcome, usage);
      }
    },
  };
}
