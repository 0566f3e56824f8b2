import { createMetrics } from "@forerun/telemetry/metrics";
import { METRICS } from "@forerun/telemetry/names";
import type { Script } from "@forerun/testing/scripted-model/script";
import { startScriptedModel } from "@forerun/testing/scripted-model/server";
import type { Attributes, Meter } from "@opentelemetry/api";
import { afterEach, expect, it } from "vitest";
import { measureModel } from "./measure-model.ts";
import { createModel, type Model } from "./model.ts";

const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

const REQUEST = { messages: [{ role: "user" as const, content: "hello" }] };
const never = new AbortController().signal;

/** A model whose counts are kept by metric and labels. */
async function measured(...replies: Script["steps"][number]["reply"][]) {
  const server = await startScriptedModel(replies.map((reply) => ({ match: { kind: "answer" }, reply })));
  const model = createModel({ url: server.url, key: undefined, model: "m", timeoutMs: 2_000 });
  const metrics = createMetrics("test");
  opened.push(server, model, metrics);
  const counts: Record<string, number> = {};
  return { model: measureModel(model, "answer", countingMeter(metrics.meter, counts)), counts };
}

function countingMeter(meter: Meter, counts: Record<string, number>): Meter {
  const createCounter: Meter["createCounter"] = (name) => ({
    add(value: number, { tier: _, ...labels }: Attributes = {}) {
      const key = `${name} ${Object.values(labels).join(" ")}`;
      counts[key] = (counts[key] ?? 0) + value;
    },
  });
  return Object.assign(Object.create(meter), { createCounter });
}

async function drain(model: Model, stopAfter = Number.POSITIVE_INFINITY): Promise<void> {
  let seen = 0;
  for await (const _ of model.stream(REQUEST, never)) if (++seen >= stopAfter) break;
}

it("counts calls by how they ended and tokens by kind", async () => {
  const { model, counts } = await measured(
    { text: "one two" },
    { text: "three" },
    { status: 500 },
    { status: 429 },
    { hang: "tokens" },
  );
  await drain(model);
  await model.complete(REQUEST, never);
  await drain(model);
  await model.complete(REQUEST, never);
  await drain(model, 1);
  expect(counts).toEqual({
    [`${METRICS.modelCalls} ok`]: 2,
    [`${METRICS.modelCalls} failed`]: 2,
    [`${METRICS.modelCalls} left`]: 1,
    [`${METRICS.tokens} input`]: 4,
    [`${METRICS.tokens} cached`]: 0,
    [`${METRICS.tokens} output`]: 4,
  });
});

it("hands everything through as it is", async () => {
  const { model } = await measured({ text: "same" });
  expect(model.name).toBe("m");
  expect(await model.complete(REQUEST, never)).toMatchObject({ kind: "completed", text: "same" });
});
