import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { silentLogger } from "@forerun/runtime/logger";
import { startSpanReceiver } from "@forerun/testing/spans/span-receiver";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ATTRIBUTES, SPANS } from "./names.ts";
import { openTracing } from "./open-tracing.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SAMPLED = `00-${TRACE}-00f067aa0ba902b7-01`;
const UNSAMPLED = `00-${TRACE}-00f067aa0ba902b7-00`;
const ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";

afterEach(() => vi.unstubAllEnvs());

/** Opens tracing as a process with these variables would. */
function open(variables: Record<string, string>, log = silentLogger) {
  const all = { OTEL_BSP_SCHEDULE_DELAY: "1", ...variables };
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
  return openTracing(process.env, log);
}

/** A log that keeps its messages. */
function keptMessages() {
  const messages: string[] = [];
  const keep = (_: object, message: string) => void messages.push(message);
  return { messages, log: { ...silentLogger, warn: keep, info: keep } };
}

describe("tracing", () => {
  it("sends what services of one process do, each under its own name, as one tree", async () => {
    await using receiver = await startSpanReceiver();
    const tracing = await open({ [ENDPOINT]: receiver.url, OTEL_SERVICE_NAME: "everything" });
    const turn = tracing.tracerOf("chat").start(SPANS.turn, undefined);
    const route = tracing.tracerOf("chat").start(SPANS.route, turn.traceparent);
    const draft = tracing.tracerOf("router").start(SPANS.draft, route.traceparent);
    const attributes = { [ATTRIBUTES.tool]: "get_weather" };
    const tool = tracing.tracerOf("chat").start(SPANS.tool, turn.traceparent, { attributes });
    tool.link(route.traceparent);
    tool.end("error");
    for (const span of [draft, route, turn]) span.end();
    await tracing[Symbol.asyncDispose]();
    const named = (name: string) => receiver.spans().find((span) => span.name === name);
    expect(named(SPANS.draft)).toMatchObject({ service: "router", kind: "internal", failed: false });
    expect(named(SPANS.draft)?.parentId).toBe(named(SPANS.route)?.spanId);
    expect(named(SPANS.route)).toMatchObject({ service: "chat", kind: "client", links: [] });
    expect(named(SPANS.tool)).toMatchObject({
      attributes,
      failed: true,
      links: [named(SPANS.route)?.spanId],
    });
    expect(named(SPANS.turn)?.parentId).toBe("");
    expect(new Set(receiver.spans().map(({ traceId }) => traceId)).size).toBe(1);
  });

  it("begins traces with turns alone", async () => {
    await using receiver = await startSpanReceiver();
    const tracing = await open({ [ENDPOINT]: receiver.url });
    const tracer = tracing.tracerOf("memory");
    const poll = tracer.start("forerun.memory.v1.MemoryService/Search", undefined, { kind: "server" });
    expect(poll.traceparent).toBeUndefined();
    poll.end();
    tracer.start("chat small", "no trace context").end();
    tracer.start(SPANS.turn, undefined).end();
    await tracing[Symbol.asyncDispose]();
    expect(receiver.spans().map(({ name }) => name)).toEqual([SPANS.turn]);
  });

  it.each([
    ["by default", {}, SAMPLED, true],
    ["by default", {}, UNSAMPLED, false],
    ["whatever its own share is", { OTEL_TRACES_SAMPLER: "parentbased_always_off" }, SAMPLED, true],
    [
      "by its own share where it is the first",
      { OTEL_TRACES_SAMPLER: "parentbased_always_off" },
      undefined,
      false,
    ],
  ])("keeps to what its caller decided %s (%j, %s)", async (_, variables, parent, sent) => {
    await using receiver = await startSpanReceiver();
    const tracing = await open({ [ENDPOINT]: receiver.url, ...variables });
    const span = tracing.tracerOf("chat").start(SPANS.turn, parent);
    expect(span.traceparent).toMatch(sent ? /-01$/ : /-00$/);
    if (parent) expect(span.traceparent).toContain(TRACE);
    span.end();
    await tracing[Symbol.asyncDispose]();
    expect(receiver.spans()).toHaveLength(sent ? 1 : 0);
  });

  it.each([
    {},
    { [ENDPOINT]: "http://127.0.0.1:1", OTEL_SDK_DISABLED: "true" },
    { [ENDPOINT]: "http://127.0.0.1:1", OTEL_TRACES_EXPORTER: "none" },
  ])("is off with %j, and hands its caller's context on", async (variables) => {
    await using tracing = await open(variables);
    const tracer = tracing.tracerOf("chat");
    expect(tracer.start(SPANS.turn, undefined).traceparent).toBeUndefined();
    expect(tracer.start(SPANS.turn, SAMPLED).traceparent).toBe(SAMPLED);
  });

  it("refuses a protocol that nobody speaks here", async () => {
    const variables = { [ENDPOINT]: "http://127.0.0.1:4317", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" };
    await expect(open(variables)).rejects.toMatchObject({ code: "FR-E1004" });
  });

  it("says once that spans do not arrive, and once that they do again", async () => {
    let answer = 400;
    let asked = () => {};
    const server = createServer((request, response) => {
      request.resume().once("end", () => response.writeHead(answer).end());
      response.once("finish", () => asked());
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { messages, log } = keptMessages();
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const tracing = await open({ [ENDPOINT]: url }, log);
    const send = () => {
      const answered = new Promise<void>((resolve) => {
        asked = resolve;
      });
      tracing.tracerOf("chat").start(SPANS.turn, undefined).end();
      return answered;
    };
    await send();
    await vi.waitFor(() => expect(messages).toEqual(["spans do not reach the OTLP endpoint"]));
    await send();
    answer = 200;
    await send();
    await vi.waitFor(() => expect(messages.at(-1)).toBe("spans reach the OTLP endpoint again"));
    expect(messages).toHaveLength(2);
    await tracing[Symbol.asyncDispose]();
    server.closeAllConnections();
    server.close();
  });

  it("does not hold a process that ends, where nobody takes its last spans", async () => {
    const silent = createServer(() => {});
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const tracing = await open({ [ENDPOINT]: url, OTEL_EXPORTER_OTLP_TIMEOUT: "600000" });
    tracing.tracerOf("chat").start(SPANS.turn, undefined).end();
    await tracing[Symbol.asyncDispose]();
    silent.closeAllConnections();
    expect(silent.close()).toBe(silent);
  });
});
