/** How often an endpoint in trouble is asked: counted by the endpoint itself. */
import { createMetrics } from "@forerun/telemetry/metrics";
import { passThroughTracer } from "@forerun/telemetry/tracing";
import type { Script } from "@forerun/testing/scripted-model/script";
import { type ScriptedModel, startScriptedModel } from "@forerun/testing/scripted-model/server";
import { afterEach, describe, expect, it } from "vitest";
import type { Model } from "./model.ts";
import type { Completion } from "./model-call.ts";
import { openTier } from "./tier-models.ts";

const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

type Step = Omit<Script["steps"][number], "match">;

async function serve(...steps: Step[]): Promise<ScriptedModel> {
  const server = await startScriptedModel(steps.map((step) => ({ match: { kind: "answer" }, ...step })));
  opened.push(server);
  return server;
}

/** The model of a tier of these endpoints. */
function connect(servers: readonly { url: string }[], timeLeftMs = 60_000): Model {
  const { meter } = createMetrics("test");
  const common = servers.map(({ url }, at) => ({ url, key: undefined, model: `m${at}`, timeoutMs: 2_000 }));
  const tier = openTier("answer", { common, tenants: new Map() }, { meter, tracer: passThroughTracer });
  opened.push(tier);
  const model = tier.modelFor({ tenant: "local", traceparent: undefined, timeLeftMs });
  if (model === undefined) throw new Error("the tier has no model");
  return model;
}

const REQUEST = { messages: [{ role: "user" as const, content: "hello" }] };
const never = new AbortController().signal;

function ask(model: Model, signal = never): Promise<Completion> {
  return model.complete(REQUEST, signal);
}

const SOON = 0.01;

describe("a call that fails in passing", () => {
  it.each([429, 500, 502, 503, 529])(
    "with %i is made again until it works, three times at most",
    async (status) => {
      const failing = { reply: { status, retry_after: SOON } };
      const mended = await serve({ ...failing, times: 2 }, { reply: { text: "well" } });
      expect(await ask(connect([mended]))).toMatchObject({ kind: "completed", text: "well" });
      expect(mended.log()).toHaveLength(3);

      const broken = await serve({ ...failing, times: 3 });
      const outcome = await ask(connect([broken]));
      const expected = status === 429 ? "resource_exhausted" : "unavailable";
      expect(outcome).toMatchObject({ kind: "failed", error: { status: expected, retryAfterMs: 10 } });
      expect(broken.unused()).toEqual([]);
    },
  );

  it("streams from its second attempt as from its first", async () => {
    const server = await serve({ reply: { status: 503, retry_after: SOON } }, { reply: { text: "one two" } });
    let text = "";
    for await (const event of connect([server]).stream(REQUEST, never)) {
      if (event.kind === "text") text += event.text;
    }
    expect(text).toBe("one two");
  });

  it("for want of a connection is made again", async () => {
    const gone = await startScriptedModel([]);
    await gone[Symbol.asyncDispose]();
    const begun = performance.now();
    expect(await ask(connect([gone]))).toMatchObject({ error: { code: "FR-E1501" } });
    // Two waits of at least 200 and 400 ms lie between three attempts.
    expect(performance.now() - begun).toBeGreaterThan(600);
  });
});

describe("a call that is not made again", () => {
  it.each<[string, Step["reply"], string]>([
    ["a bad request", { status: 400 }, "FR-E1508"],
    ["a refused key", { status: 401 }, "FR-E1502"],
    ["a timeout of the endpoint's own", { status: 408 }, "FR-E1504"],
    ["a status that says nothing of passing", { status: 501 }, "FR-E1504"],
    ["an unreadable answer", { raw: "<html>" }, "FR-E1506"],
    ["an answer that broke off", { half: { text: "a b c", at: 0.5, close: "reset" } }, "FR-E1507"],
  ])("after %s", async (_, reply, code) => {
    const server = await serve({ reply });
    expect(await ask(connect([server]))).toMatchObject({ kind: "failed", error: { code } });
    expect(server.log()).toHaveLength(1);
  });

  it("where the endpoint asks for more time than is left: its caller learns at once how long", async () => {
    for (const [status, expected] of [
      [429, "resource_exhausted"],
      [503, "unavailable"],
    ] as const) {
      const server = await serve({ reply: { status, retry_after: 60 } });
      const begun = performance.now();
      const outcome = await ask(connect([server], 30_000));
      expect(outcome).toMatchObject({ error: { status: expected, retryAfterMs: 60_000 } });
      expect(performance.now() - begun).toBeLessThan(10_000);
      expect(server.log()).toHaveLength(1);
    }
  });

  it("once its caller has left in the wait before it", async () => {
    const server = await serve({ reply: { status: 503, retry_after: 5 } });
    const caller = new AbortController();
    const outcome = ask(connect([server]), caller.signal);
    await expect.poll(() => server.log().length).toBe(1);
    await server.settled();
    const reason = new Error("gone");
    caller.abort(reason);
    await expect(outcome).rejects.toBe(reason);
    expect(server.log()).toHaveLength(1);
  });
});

it("asks an endpoint in trouble for a fifth more than it was asked, and not more", async () => {
  const server = await serve({ reply: { status: 429, retry_after: SOON }, times: 1_000 });
  const model = connect([server]);
  for (let call = 0; call < 60; call += 1) await ask(model);
  expect(server.log()).toHaveLength(60 + 12);
});

describe("an endpoint that fails again and again", () => {
  it("is left alone after five failures in a row, and its caller told when to come back", async () => {
    const server = await serve({ reply: { status: 500, retry_after: SOON }, times: 9 });
    const model = connect([server]);
    expect(await ask(model)).toMatchObject({ error: { code: "FR-E1504" } });
    // The breaker opens amid the second call, which tells what it last heard.
    expect(await ask(model)).toMatchObject({ error: { code: "FR-E1504" } });
    expect(server.log()).toHaveLength(5);
    expect(await ask(model)).toMatchObject({
      error: { code: "FR-E1511", status: "unavailable", retryAfterMs: 5_000 },
    });
    expect(server.log()).toHaveLength(5);
  });

  it("is passed over for the next one", async () => {
    const broken = await serve({ reply: { status: 502 }, times: 9 });
    const working = await serve({ reply: { text: "well" }, times: 9 });
    const model = connect([broken, working]);
    for (let call = 0; call < 8; call += 1) expect(await ask(model)).toMatchObject({ model: "m1" });
    expect([broken.log().length, working.log().length]).toEqual([5, 8]);
  });

  it("is not given up for what its callers did or for its limits", async () => {
    const server = await serve(
      { reply: { status: 429, retry_after: 60 }, times: 8 },
      { reply: { text: "well" } },
    );
    const model = connect([server], 1_000);
    for (let call = 0; call < 8; call += 1) await ask(model);
    expect(await ask(model)).toMatchObject({ text: "well" });
  });
});

it("makes three attempts at most over all endpoints of a list", async () => {
  const servers = await Promise.all([1, 1, 1, 1].map(() => serve({ reply: { status: 503 }, times: 3 })));
  expect(await ask(connect(servers))).toMatchObject({ kind: "failed" });
  expect(servers.map((server) => server.log().length)).toEqual([1, 1, 1, 0]);
  const two = await Promise.all(
    [1, 1].map(() => serve({ reply: { status: 503, retry_after: SOON }, times: 3 })),
  );
  expect(await ask(connect(two))).toMatchObject({ kind: "failed" });
  expect(two.map((server) => server.log().length)).toEqual([1, 2]);
});
