/** A hundred calls at once to an endpoint that stops at each point: all end at their deadline and leave no socket open. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createMetrics } from "@forerun/telemetry/metrics";
import { passThroughTracer } from "@forerun/telemetry/tracing";
import { startScriptedModel } from "@forerun/testing/scripted-model/server";
import { afterEach, expect, it } from "vitest";
import type { Model } from "./model.ts";
import { openTier } from "./tier-models.ts";

const CALLS = 100;
const DEADLINE_MS = 1_000;

const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

function connect(url: string): Model {
  const settings = { common: [{ url, key: undefined, model: "m", timeoutMs: 30_000 }], tenants: new Map() };
  const { meter } = createMetrics("test");
  const tier = openTier("answer", settings, { meter, tracer: passThroughTracer });
  opened.push(tier);
  const model = tier.modelFor({ tenant: "local", traceparent: undefined, timeLeftMs: DEADLINE_MS });
  if (model === undefined) throw new Error("the tier has no model");
  return model;
}

/** Half of the calls stream. Each tells why it ended. */
function callAtOnce(model: Model): Promise<unknown[]> {
  const request = { messages: [{ role: "user" as const, content: "hello" }] };
  return Promise.all(
    Array.from({ length: CALLS }, async (_, at) => {
      const signal = AbortSignal.timeout(DEADLINE_MS);
      try {
        if (at % 2 === 0) return await model.complete(request, signal);
        for await (const event of model.stream(request, signal)) if (event.kind !== "text") return event;
        return undefined;
      } catch (fault) {
        return fault === signal.reason ? "deadline" : fault;
      }
    }),
  );
}

it.each(["headers", "first_token", "tokens"] as const)("at %s", async (hang) => {
  const server = await startScriptedModel([{ match: { kind: "answer" }, reply: { hang }, times: CALLS }]);
  opened.push(server);
  expect(new Set(await callAtOnce(connect(server.url)))).toEqual(new Set(["deadline"]));
  await server.settled();
  expect(new Set(server.log().map(({ closed_by }) => closed_by))).toEqual(new Set(["client"]));
});

it("at the connection, which is taken and never answered", async () => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    // In place of an aborted connection undici opens an idle one, which it closes by itself.
    socket.once("data", () => sockets.add(socket));
    socket.on("error", () => {}).once("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push({ [Symbol.asyncDispose]: async () => void server.close() });
  const { port } = server.address() as AddressInfo;
  expect(new Set(await callAtOnce(connect(`http://127.0.0.1:${port}/v1`)))).toEqual(new Set(["deadline"]));
  await expect.poll(() => sockets.size).toBe(0);
});
