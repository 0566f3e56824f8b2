import { DURATION_BUCKETS, GEN_AI, METRICS } from "@forerun/telemetry/names";
import type { Span, Tracer } from "@forerun/telemetry/tracing";
import type { Meter } from "@opentelemetry/api";
import type { FinishReason, ModelFailure, TokenUsage } from "./model-call.ts";
import type { ModelTier } from "./model-settings.ts";

export type Signals = Readonly<{ meter: Meter; tracer: Tracer }>;

/** How a request to a model ended; undefined when its caller left it. */
export type Ended = Readonly<{ finishReason?: FinishReason; usage: TokenUsage }> | ModelFailure | undefined;

/** Turns the requests of one tier into metrics and spans. A request that its caller left counts as "left". */
export class ModelObserver {
  readonly #tier: ModelTier;
  readonly #tracer: Tracer;
  readonly #attempts;
  readonly #firstToken;
  readonly #tokens;
  readonly #cost;
  readonly #calls;

  constructor(tier: ModelTier, { meter, tracer }: Signals) {
    this.#tier = tier;
    this.#tracer = tracer;
    this.#calls = meter.createCounter(METRICS.modelCalls, {
      description: "Model calls by how they ended, whatever requests they took.",
    });
    this.#attempts = meter.createCounter(METRICS.modelAttempts, {
      description: "Requests to models by how they ended: retries and fallbacks count by themselves.",
    });
    this.#firstToken = meter.createHistogram(METRICS.modelFirstToken, {
      description: "Seconds from a request to its first text, or to all of it where it comes in one piece.",
      unit: "s",
      advice: { explicitBucketBoundaries: DURATION_BUCKETS },
    });
    this.#tokens = meter.createCounter(METRICS.tokens, { description: "Tokens read and written by models." });
    this.#cost = meter.createCounter(METRICS.cost, {
      description: "US dollars that models cost, by their prices.",
    });
  }

  /** A call as its caller sees it has ended. */
  called(ended: Ended): void {
    this.#calls.add(1, { tier: this.#tier, outcome: outcomeOf(ended) });
  }

  /** A request begins. `traceparent`: the span it belongs to. */
  begin(model: string, traceparent: string | undefined): Observation {
    const operation = this.#tier === "embed" ? "embeddings" : "chat";
    const attributes = {
      [GEN_AI.operation]: operation,
      [GEN_AI.provider]: "openai",
      [GEN_AI.requestModel]: model,
    };
    const span = this.#tracer.start(`${operation} ${model}`, traceparent, { kind: "client", attributes });
    const begun = performance.now();
    const tier = this.#tier;
    let heard = false;
    return {
      heard: () => {
        if (heard) return;
        heard = true;
        this.#firstToken.record((performance.now() - begun) / 1_000, { tier });
      },
      end: (ended) => {
        this.#attempts.add(1, { tier, model, outcome: outcomeOf(ended) });
        if (ended && "usage" in ended) this.#count(ended.usage);
        close(span, ended);
      },
    };
  }

  #count({ inputTokens, cachedTokens, outputTokens, costMicros }: TokenUsage): void {
    const tier = this.#tier;
    this.#tokens.add(inputTokens - cachedTokens, { tier, kind: "input" });
    this.#tokens.add(cachedTokens, { tier, kind: "cached" });
    this.#tokens.add(outputTokens, { tier, kind: "output" });
    this.#cost.add(costMicros / 1_000_000);
  }
}

/** One request under way; `end` is called exactly once. */
export type Observation = Readonly<{ heard(): void; end(ended: Ended): void }>;

function outcomeOf(ended: Ended): "ok" | "failed" | "left" {
  if (ended === undefined) return "left";
  return "error" in ended ? "failed" : "ok";
}

function close(span: Span, ended: Ended): void {
  if (ended && "usage" in ended) {
    const { finishReason, usage } = ended;
    span.setAttributes({
      ...(finishReason && { [GEN_AI.finishReasons]: [finishReason] }),
      [GEN_AI.inputTokens]: usage.inputTokens,
      [GEN_AI.outputTokens]: usage.outputTokens,
      [GEN_AI.cachedTokens]: usage.cachedTokens,
    });
  } else if (ended) {
    span.setAttributes({ [GEN_AI.errorType]: ended.error.code });
  }
  span.end(outcomeOf(ended) === "failed" ? "error" : "ok");
}
