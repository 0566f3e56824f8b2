import { createMetrics } from "@forerun/telemetry/metrics";
import { METRICS } from "@forerun/telemetry/names";
import type { passThroughTracer } from "@forerun/telemetry/tracing";
import type { Script } from "@forerun/testing/scripted-model/script";
import { type ScriptedModel, startScriptedModel } from "@forerun/testing/scripted-model/server";
import type { Attributes, Meter } from "@opentelemetry/api";
import { afterEach, describe, expect, it } from "vitest";
import type { Model, ModelOptions } from "./model.ts";
import { openTier } from "./tier-models.ts";

const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

type Reply = Script["steps"][number]["reply"];

const REQUEST = { messages: [{ role: "user" as const, content: "hello" }] };
const never = new AbortController().signal;

/** A model that gives these replies, one a request. */
async function serve(...replies: Reply[]): Promise<ScriptedModel> {
  const server = await startScriptedModel(replies.map((reply) => ({ match: { kind: "answer" }, reply })));
  opened.push(server);
  return server;
}

function options({ url }: { url: string }, model: string, more: Partial<ModelOptions> = {}): ModelOptions {
  return { url, key: undefined, model, timeoutMs: 2_000, ...more };
}

/** A tier and what its metrics count, by name and labels. */
function open(common: ModelOptions[], tenants: Record<string, ModelOptions[]> = {}) {
  const metrics = createMetrics("test");
  const counts: Record<string, number> = {};
  const spans: { name: string; attributes: Attributes; outcome: string }[] = [];
  const tier = openTier(
    "answer",
    { common, tenants: new Map(Object.entries(tenants)) },
    { meter: countingMeter(metrics.meter, counts), tracer: keepingTracer(spans) },
  );
  opened.push(metrics, tier);
  const modelOf = (call: { tenant?: string; timeLeftMs?: number } = {}) => {
    const { tenant = "local", timeLeftMs } = call;
    return tier.modelFor({ tenant, timeLeftMs, traceparent: "parent" });
  };
  return { modelOf, counts, spans };
}

function countingMeter(meter: Meter, counts: Record<string, number>): Meter {
  const count =
    (key: (labels: string) => string, amount: (value: number) => number) =>
    (value: number, { tier: _, ...labels }: Attributes = {}) => {
      const name = key(Object.values(labels).join(" ")).trim();
      counts[name] = (counts[name] ?? 0) + amount(value);
    };
  return Object.assign(Object.create(meter), {
    createCounter: ((name) => ({
      add: count(
        (labels) => `${name} ${labels}`,
        (value) => value,
      ),
    })) as Meter["createCounter"],
    createHistogram: ((name) => ({
      record: count(
        () => name,
        () => 1,
      ),
    })) as Meter["createHistogram"],
  });
}

function keepingTracer(spans: { name: string; attributes: Attributes; outcome: string }[]) {
  const start: typeof passThroughTracer.start = (name, _parent, { attributes = {} } = {}) => {
    const kept = { name, attributes: { ...attributes }, outcome: "" };
    spans.push(kept);
    return {
      traceparent: undefined,
      setAttributes: (more) => void Object.assign(kept.attributes, more),
      link() {},
      end(outcome = "ok") {
        kept.outcome = outcome;
      },
    };
  };
  return { start };
}

async function textOf(model: Model | undefined, stopAfter = Number.POSITIVE_INFINITY): Promise<string> {
  let text = "";
  let seen = 0;
  for await (const event of model?.stream(REQUEST, never) ?? []) {
    if (event.kind === "failed") throw event.error;
    if (event.kind === "text") text += event.text;
    if (++seen >= stopAfter) break;
  }
  return text;
}

describe("a tier of several models", () => {
  it("answers by the next one when the first fails before its first token, and says which wrote it", async () => {
    const broken = await serve({ status: 500 }, { status: 401 });
    const working = await serve({ text: "second" }, { text: "again" });
    const { modelOf, counts } = open([options(broken, "a"), options(working, "b")]);
    expect(await textOf(modelOf())).toBe("second");
    expect(await modelOf()?.complete(REQUEST, never)).toMatchObject({ text: "again", model: "b" });
    expect(broken.log()).toHaveLength(2);
    expect(counts).toMatchObject({
      [`${METRICS.modelCalls} ok`]: 2,
      [`${METRICS.modelAttempts} a failed`]: 2,
      [`${METRICS.modelAttempts} b ok`]: 2,
    });
  });

  it("never asks another one once text was written", async () => {
    const half = await serve({ half: { text: "one two three four", at: 0.5, close: "reset" } });
    const other = await serve();
    const { modelOf, counts } = open([options(half, "a"), options(other, "b")]);
    await expect(textOf(modelOf())).rejects.toMatchObject({ code: "FR-E1507" });
    expect(other.log()).toEqual([]);
    expect(counts).toMatchObject({ [`${METRICS.modelCalls} failed`]: 1 });
  });

  it("is the tenant's own where it has one, and the common one for all others", async () => {
    const common = await serve({ text: "common" });
    const own = await serve({ text: "own" });
    const { modelOf } = open([options(common, "m")], { acme: [options(own, "acme-model")] });
    expect(modelOf({ tenant: "acme" })?.name).toBe("acme-model");
    expect(await textOf(modelOf({ tenant: "acme" }))).toBe("own");
    expect(await textOf(modelOf({ tenant: "globex" }))).toBe("common");
  });

  it("is none for a tenant without any", async () => {
    const own = await serve();
    const { modelOf } = open([], { acme: [options(own, "m")] });
    expect(modelOf({ tenant: "globex" })).toBeUndefined();
    expect(modelOf({ tenant: "acme" })).toBeDefined();
  });

  it("promises no longer context than its shortest model has", async () => {
    const server = await serve();
    const list = [
      options(server, "a", { contextTokens: 128_000 }),
      options(server, "b", { contextTokens: 8_000 }),
    ];
    expect(open(list).modelOf()?.contextTokens).toBe(8_000);
    expect(open([options(server, "a")]).modelOf()?.contextTokens).toBeUndefined();
  });
});

describe("what a tier leaves in metrics and spans", () => {
  it("counts calls by how they ended, tokens by kind, cost by price and waits for a first token", async () => {
    const server = await serve({ text: "one two" }, { text: "three" }, { status: 400 }, { hang: "tokens" });
    const price = { input: 2, output: 10 };
    const { modelOf, counts } = open([options(server, "m", { price })]);
    await textOf(modelOf());
    const whole = await modelOf()?.complete(REQUEST, never);
    await modelOf()?.complete(REQUEST, never);
    await textOf(modelOf(), 1);
    expect(whole).toMatchObject({ usage: { inputTokens: 2, outputTokens: 2, costMicros: 24 } });
    expect(counts).toEqual({
      [`${METRICS.modelCalls} ok`]: 2,
      [`${METRICS.modelCalls} failed`]: 1,
      [`${METRICS.modelCalls} left`]: 1,
      [`${METRICS.modelAttempts} m ok`]: 2,
      [`${METRICS.modelAttempts} m failed`]: 1,
      [`${METRICS.modelAttempts} m left`]: 1,
      [METRICS.modelFirstToken]: 3,
      [`${METRICS.tokens} input`]: 4,
      [`${METRICS.tokens} cached`]: 0,
      [`${METRICS.tokens} output`]: 4,
      [METRICS.cost]: expect.closeTo(48e-6, 9),
    });
  });

  it("has one span a request, as the conventions for generative AI name it", async () => {
    const server = await serve({ status: 503 }, { text: "well" });
    const { modelOf, spans } = open([options(server, "m")]);
    await textOf(modelOf());
    const request = { "gen_ai.operation.name": "chat", "gen_ai.request.model": "m" };
    expect(spans).toMatchObject([
      { name: "chat m", outcome: "error", attributes: { ...request, "error.type": "FR-E1504" } },
      {
        name: "chat m",
        outcome: "ok",
        attributes: {
          ...request,
          "gen_ai.usage.input_tokens": 2,
          "gen_ai.usage.output_tokens": 1,
          "gen_ai.response.finish_reasons": ["stop"],
        },
      },
    ]);
  });
});
