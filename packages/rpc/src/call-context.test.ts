import { Code, createClient, createHandlerContext } from "@connectrpc/connect";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { silentLogger } from "@forerun/runtime/logger";
import { ContractService } from "@forerun/testing/contracts/forerun/testing/contract/v1/contract_pb";
import { describe, expect, it } from "vitest";
import { bind } from "./binding.ts";
import { asCaller, callerOf, valuesOf, within } from "./call-context.ts";
import { readError } from "./error-details.ts";
import { MAX_BYTES } from "./fixtures/contract-service.ts";
import { createLocalTransport } from "./local.ts";

function contextWith(timeoutMs?: number) {
  return createHandlerContext({
    service: ContractService,
    method: ContractService.method.echo,
    protocolName: "test",
    requestMethod: "POST",
    url: "test:",
    contextValues: valuesOf(LOCAL_CALLER, undefined),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
}

describe("a call within a handler", () => {
  it("is made for the same caller and ends with the handler", () => {
    const ctx = contextWith();
    const options = within(ctx);
    ctx.abort();
    expect(options.signal?.aborted).toBe(true);
    expect(callerOf(contextWith())).toEqual(LOCAL_CALLER);
  });

  it("gets no more time than the handler has left, and the shorter of two limits", () => {
    expect(within(contextWith(5_000)).timeoutMs).toBeLessThanOrEqual(5_000);
    expect(within(contextWith(5_000), { timeoutMs: 100 }).timeoutMs).toBe(100);
    expect(within(contextWith(), { timeoutMs: 100 }).timeoutMs).toBe(100);
  });

  it("never forwards 0, which would mean no deadline at all", () => {
    expect(within(contextWith(0)).timeoutMs).toBe(1);
    expect(asCaller(LOCAL_CALLER, { signal: AbortSignal.abort(), timeoutMs: 0.2 }).timeoutMs).toBe(1);
  });

  it("ends by its own signal too", () => {
    const own = new AbortController();
    const { signal } = within(contextWith(), { signal: own.signal });
    own.abort();
    expect(signal?.aborted).toBe(true);
  });

  it("is refused when nobody made it", () => {
    const ctx = { ...contextWith(), values: valuesOf(undefined, undefined) };
    expect(() => callerOf(ctx)).toThrow("invalid credentials");
  });
});

describe("the plain client of Connect", () => {
  it("drops return(), so that leaving a stream cancels nothing: use createMeshClient", async () => {
    let canceled = false;
    const binding = bind(ContractService, {
      async *count(_, ctx) {
        ctx.signal.addEventListener("abort", () => {
          canceled = true;
        });
        for (;;) yield { number: 1 };
      },
    });
    const limits = { maxMessageBytes: MAX_BYTES, log: silentLogger, messages: "clone" } as const;
    const stop = new AbortController();
    const plain = createClient(ContractService, createLocalTransport([binding], limits));
    for await (const _ of plain.count({}, asCaller(LOCAL_CALLER, { signal: stop.signal }))) break;
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    expect(canceled).toBe(false);
    stop.abort();
    expect(canceled).toBe(true);
  });
});

describe("a service that nobody serves in this process", () => {
  it("is UNIMPLEMENTED, as on a network", async () => {
    const transport = createLocalTransport([], {
      messages: "share",
      maxMessageBytes: MAX_BYTES,
      log: silentLogger,
    });
    const call = createClient(ContractService, transport).echo(
      {},
      asCaller(LOCAL_CALLER, { signal: AbortSignal.timeout(1_000) }),
    );
    expect(readError(await call.catch((error: unknown) => error)).status).toBe(Code.Unimplemented);
  });
});
