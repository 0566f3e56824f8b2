import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { silentLogger } from "@forerun/runtime/logger";
import { ContractService } from "@forerun/testing/contracts/forerun/testing/contract/v1/contract_pb";
import { afterEach, describe, expect, it, vi } from "vitest";
import { bind } from "./binding.ts";
import { asCaller, traceOf, within } from "./call-context.ts";
import { createMeshClient } from "./client.ts";
import { KEY, MAX_BYTES } from "./fixtures/contract-service.ts";
import { serveGrpc } from "./grpc-server.ts";
import { createGrpcTransport } from "./grpc-transport.ts";
import { createLocalTransport } from "./local.ts";
import type { Tracer } from "./observe.ts";

const ROOT = "00-11111111111111111111111111111111-2222222222222222-01";
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A tracer that numbers the spans of the tested service and keeps who was whose parent, and how each ended. */
function recordingTracer(): {
  tracer: Tracer;
  spans: { parent: string | undefined; system: string; own: string; code?: string }[];
} {
  const spans: { parent: string | undefined; system: string; own: string; code?: string }[] = [];
  const tracer: Tracer = ({ service, system, parent }) => {
    if (service !== ContractService.typeName) return { traceparent: parent, end() {} };
    const own = `00-11111111111111111111111111111111-${String(spans.length + 1).padStart(16, "0")}-01`;
    const span: (typeof spans)[number] = { parent, system, own };
    spans.push(span);
    return {
      traceparent: own,
      end: (code) => {
        span.code = code;
      },
    };
  };
  return { tracer, spans };
}

const options = (trace?: string) => asCaller(LOCAL_CALLER, { signal: AbortSignal.timeout(5_000), trace });

describe("the trace of a call", () => {
  it("goes from hop to hop by hand, over a network and without one", async () => {
    const { tracer, spans } = recordingTracer();
    const last = bind(ContractService, { echo: (_, ctx) => ({ text: traceOf(ctx) ?? "" }) });
    const where = { host: "127.0.0.1", port: 0, callers: { key: KEY } };
    const common = { maxMessageBytes: MAX_BYTES, log: silentLogger, tracer };
    const server = await serveGrpc({ ...where, ...common, bindings: [last] });
    cleanups.push(() => server[Symbol.asyncDispose]());
    const transport = createGrpcTransport({ address: `ipv4:${server.address}`, key: KEY, service: "test" });
    cleanups.push(() => transport[Symbol.dispose]());
    const next = createMeshClient(ContractService, transport);
    const first = bind(ContractService, { echo: (request, ctx) => next.echo(request, within(ctx)) });
    const local = createLocalTransport([first], { ...common, messages: "clone" });
    const { text } = await createMeshClient(ContractService, local).echo({}, options(ROOT));
    expect(spans.map(({ parent }) => parent)).toEqual([ROOT, spans[0]?.own]);
    expect(text).toBe(spans[1]?.own);
    expect(spans.map(({ code }) => code)).toEqual(["ok", "ok"]);
  });

  it("is the caller's own when nothing traces", async () => {
    const echo = bind(ContractService, { echo: (_, ctx) => ({ text: traceOf(ctx) ?? "none" }) });
    const transport = createLocalTransport([echo], {
      messages: "clone",
      maxMessageBytes: MAX_BYTES,
      log: silentLogger,
    });
    const client = createMeshClient(ContractService, transport);
    expect((await client.echo({}, options(ROOT))).text).toBe(ROOT);
    expect((await client.echo({}, options())).text).toBe("none");
  });

  it("lasts as long as its stream, until the consumer leaves", async () => {
    const { tracer, spans } = recordingTracer();
    const endless = bind(ContractService, {
      async *count(_, ctx) {
        for (let number = 1; !ctx.signal.aborted; number++) yield { number };
      },
    });
    const limits = { maxMessageBytes: MAX_BYTES, log: silentLogger };
    const transport = createLocalTransport([endless], { ...limits, messages: "clone", tracer });
    for await (const _ of createMeshClient(ContractService, transport).count({}, options())) {
      expect(spans.map(({ code }) => code)).toEqual([undefined]);
      break;
    }
    expect(spans.map(({ code }) => code)).toEqual(["canceled"]);
  });

  it("ends over a network too when the consumer leaves, and says which protocol carried it", async () => {
    const { tracer, spans } = recordingTracer();
    const endless = bind(ContractService, {
      async *count(_, ctx) {
        for (let number = 1; !ctx.signal.aborted; number++) yield { number };
      },
    });
    const where = { host: "127.0.0.1", port: 0, callers: { key: KEY } };
    const common = { maxMessageBytes: MAX_BYTES, log: silentLogger, tracer };
    const server = await serveGrpc({ ...where, ...common, bindings: [endless] });
    cleanups.push(() => server[Symbol.asyncDispose]());
    const transport = createGrpcTransport({ address: `ipv4:${server.address}`, key: KEY, service: "test" });
    cleanups.push(() => transport[Symbol.dispose]());
    for await (const _ of createMeshClient(ContractService, transport).count({}, options(ROOT))) break;
    await vi.waitFor(() => expect(spans).toMatchObject([{ parent: ROOT, system: "grpc", code: "canceled" }]));
  });

  it("needs no AsyncLocalStorage, which is empty inside generator handlers", async () => {
    const inner = bind(ContractService, { echo: (_, ctx) => ({ text: traceOf(ctx) ?? "" }) });
    const limits = { maxMessageBytes: MAX_BYTES, log: silentLogger, messages: "clone" } as const;
    const next = createMeshClient(ContractService, createLocalTransport([inner], limits));
    const outer = bind(ContractService, {
      async *talk(_, ctx) {
        yield { text: (await next.echo({}, within(ctx))).text };
      },
    });
    const client = createMeshClient(ContractService, createLocalTransport([outer], limits));
    for await (const { text } of client.talk((async function* () {})(), options(ROOT)))
      expect(text).toBe(ROOT);
    expect.assertions(1);
  });
});
