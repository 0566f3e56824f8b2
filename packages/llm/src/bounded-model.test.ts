import { describe, expect, it } from "vitest";
import { boundedModel } from "./bounded-model.ts";
import type { Model } from "./model.ts";
import type { ModelEvent, ModelRequest } from "./model-call.ts";

const NEVER = new AbortController().signal;
const USAGE = { inputTokens: 1, outputTokens: 1, cachedTokens: 0, costMicros: 0 };

function asked(bounds: Parameters<typeof boundedModel>[1]) {
  const requests: ModelRequest[] = [];
  const done = { finishReason: "stop", usage: USAGE, model: "m" } as const;
  const model: Model = {
    name: "m",
    async complete(request) {
      requests.push(request);
      return { kind: "completed", text: "yes", ...done };
    },
    async *stream(request): AsyncGenerator<ModelEvent> {
      requests.push(request);
      yield { kind: "done", ...done };
    },
  };
  const bounded = boundedModel(model, bounds);
  return async (content: string, maxOutputTokens?: number) => {
    const request: ModelRequest = {
      messages: [{ role: "user", content }],
      ...(maxOutputTokens && { maxOutputTokens }),
    };
    let last: ModelEvent | undefined;
    for await (const event of bounded.stream(request, NEVER)) last = event;
    const completion = await bounded.complete(request, NEVER);
    expect(completion.kind === "failed").toBe(last?.kind === "failed");
    return { last, requests };
  };
}

describe("a model within bounds", () => {
  it("is not asked what has more tokens", async () => {
    const ask = asked({ maxInputTokens: 20, maxOutputTokens: 0 });
    const { last, requests } = await ask("word ".repeat(40));
    expect(last).toMatchObject({ kind: "failed", error: { code: "FR-E1535", status: "resource_exhausted" } });
    expect(requests).toEqual([]);
  });

  it("is asked what has more bytes than tokens are allowed, and fits all the same", async () => {
    const { last } = await asked({ maxInputTokens: 20, maxOutputTokens: 0 })("word ".repeat(12));
    expect(last).toMatchObject({ kind: "done" });
  });

  it.each([
    [undefined, 50],
    [80, 50],
    [20, 20],
  ])("writes no more than it may where %s was asked for", async (wanted, told) => {
    const { requests } = await asked({ maxInputTokens: 0, maxOutputTokens: 50 })("hello", wanted);
    expect(requests.map(({ maxOutputTokens }) => maxOutputTokens)).toEqual([told, told]);
  });
});
