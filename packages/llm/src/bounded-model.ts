import { ForerunError } from "@forerun/runtime/forerun-error";
import { loadTokenCounter } from "./count-tokens.ts";
import type { Model } from "./model.ts";
import type { ModelFailure, ModelRequest } from "./model-call.ts";
import { sizeOf } from "./settle-usage.ts";

/** Tokens of one request and of its answer; 0 means no bound. */
export type TokenBounds = Readonly<{ maxInputTokens: number; maxOutputTokens: number }>;

/** The model, kept within bounds: it is not asked what has more tokens, and told when to end its answer. */
export function boundedModel(model: Model, bounds: TokenBounds): Model {
  const { maxInputTokens, maxOutputTokens } = bounds;
  if (maxInputTokens === 0 && maxOutputTokens === 0) return model;
  const within = (request: ModelRequest): ModelRequest =>
    maxOutputTokens === 0
      ? request
      : {
          ...request,
          maxOutputTokens: Math.min(request.maxOutputTokens ?? maxOutputTokens, maxOutputTokens),
        };
  return {
    ...model,
    async complete(request, signal) {
      return (await tooLarge(request, maxInputTokens)) ?? model.complete(within(request), signal);
    },
    async *stream(request, signal) {
      const failure = await tooLarge(request, maxInputTokens);
      if (failure) yield failure;
      else yield* model.stream(within(request), signal);
    },
  };
}

async function tooLarge(request: ModelRequest, most: number): Promise<ModelFailure | undefined> {
  // Encodings of bytes never make more tokens than there are bytes: most requests need no tokenizer.
  if (most === 0 || sizeOf(request, Buffer.byteLength) <= most) return undefined;
  const tokens = sizeOf(request, await loadTokenCounter());
  if (tokens <= most) return undefined;
  const message = `The prompt has ${tokens} tokens, and ${most} may be used.`;
  const fix = "Wait until the quota's period ends, or raise it (quotas in forerun.yaml).";
  return { kind: "failed", error: new ForerunError("FR-E1535", "resource_exhausted", message, fix) };
}
