import {
  Code,
  ConnectError,
  decodeBinaryHeader,
  encodeBinaryHeader,
  type HandlerContext,
} from "@connectrpc/connect";
import { BadRequestSchema } from "@forerun/contracts/google/rpc/error_details_pb";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callerOf } from "./call-context.ts";
import { endReason } from "./call-signal.ts";
import { deferred } from "./deferred.ts";
import { readError } from "./error-details.ts";
import { PAIRS, type Pair } from "./fixtures/pairs.ts";
import { aborted, failureOf } from "./fixtures/requests.ts";

describe.each(PAIRS)("a unary call: $name", (kind) => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await kind.open();
  });
  afterAll(async () => {
    await pair[Symbol.asyncDispose]();
  });

  it("brings the request to the handler and its answer back", async () => {
    pair.handle({ echo: ({ text, data, small }) => ({ text, data, small }) });
    const answer = await pair.client.echo(
      { text: "ä€😀", data: Uint8Array.of(0, 255), small: -7 },
      pair.call(),
    );
    expect(answer).toMatchObject({ text: "ä€😀", data: Uint8Array.of(0, 255), small: -7 });
  });

  it("gives bytes as a plain Uint8Array on both sides, never as a Buffer", async () => {
    let atHandler: unknown;
    pair.handle({
      echo: ({ data }) => {
        atHandler = data.constructor;
        return { data };
      },
    });
    const answer = await pair.client.echo({ data: Uint8Array.of(1) }, pair.call());
    expect([atHandler, answer.data.constructor]).toEqual([Uint8Array, Uint8Array]);
  });

  it("tells the handler who calls", async () => {
    pair.handle({ echo: (_, ctx) => ({ text: JSON.stringify(callerOf(ctx)) }) });
    const answer = await pair.client.echo({}, pair.call());
    expect(JSON.parse(answer.text)).toEqual(LOCAL_CALLER);
  });

  it("refuses a caller who proves nothing, in the one form for every cause", async () => {
    pair.handle({ echo: () => ({}) });
    const error = ConnectError.from(await failureOf(pair.client.echo({}, pair.anonymous)));
    expect([error.code, error.rawMessage, error.details]).toEqual([
      Code.Unauthenticated,
      "invalid credentials",
      [],
    ]);
  });

  it("carries headers and trailers, binary ones included", async () => {
    pair.handle({
      echo: (_, ctx) => {
        ctx.responseHeader.set("x-answer", ctx.requestHeader.get("x-question") ?? "");
        ctx.responseHeader.set("x-answer-bin", ctx.requestHeader.get("x-question-bin") ?? "");
        ctx.responseTrailer.set("x-after", "done");
        return {};
      },
    });
    let header = new Headers();
    let trailer = new Headers();
    const headers = { "x-question": "why", "x-question-bin": encodeBinaryHeader(Uint8Array.of(0, 200)) };
    const onHeader = (received: Headers) => {
      header = received;
    };
    const onTrailer = (received: Headers) => {
      trailer = received;
    };
    await pair.client.echo({}, pair.call({ headers, onHeader, onTrailer }));
    expect([header.get("x-answer"), trailer.get("x-after")]).toEqual(["why", "done"]);
    expect(decodeBinaryHeader(header.get("x-answer-bin") ?? "")).toEqual(Uint8Array.of(0, 200));
  });

  it("gives a known error with its code, its fix and when to try again", async () => {
    pair.handle({
      echo: () => {
        throw new ForerunError("FR-E1703", "resource_exhausted", "too much", "Wait.", { retryAfterMs: 1500 });
      },
    });
    const error = readError(await failureOf(pair.client.echo({}, pair.call())));
    const status = Code.ResourceExhausted;
    expect(error).toEqual({
      status,
      message: "too much",
      code: "FR-E1703",
      fix: "Wait.",
      retryAfterMs: 1500,
    });
  });

  it("hides a fault behind an id and logs its cause once", async () => {
    const cause = new Error("password=hunter2 at 10.0.0.7:5432");
    pair.handle({ echo: () => Promise.reject(cause) });
    pair.logs.length = 0;
    const error = readError(await failureOf(pair.client.echo({}, pair.call())));
    expect(error).toMatchObject({ status: Code.Internal, code: "FR-E1304" });
    expect(error.message).toMatch(/^internal error [0-9a-f-]{36}$/);
    const logged = pair.logs.filter(({ fields }) => fields.err === cause);
    expect(logged.map(({ fields }) => fields.error_id)).toEqual([error.message.split(" ").at(-1)]);
  });

  it("hides an answer that its own fields cannot hold", async () => {
    pair.handle({ echo: () => ({ small: 2 ** 40 }) });
    // Shared messages are never encoded, so nobody looks at the value.
    if (kind.shared) return expect((await pair.client.echo({}, pair.call())).small).toBe(2 ** 40);
    const error = ConnectError.from(await failureOf(pair.client.echo({}, pair.call())));
    // Connect's own JSON writer blames the argument.
    expect(error.code).toBe(kind.json ? Code.InvalidArgument : Code.Internal);
  });

  it("answers UNIMPLEMENTED for a method without handler", async () => {
    const error = ConnectError.from(await failureOf(pair.client.act({}, pair.call())));
    expect(error.code).toBe(Code.Unimplemented);
  });

  it("refuses a field against its rule and names it", async () => {
    pair.handle({ echo: () => ({}) });
    const error = ConnectError.from(await failureOf(pair.client.echo({ small: 100 }, pair.call())));
    expect(readError(error)).toMatchObject({ status: Code.InvalidArgument, code: "FR-E1301" });
    const violations = error.findDetails(BadRequestSchema).flatMap(({ fieldViolations }) => fieldViolations);
    expect(violations.map(({ field }) => field)).toEqual(["small"]);
  });

  it("gives the handler what is left of the deadline", async () => {
    pair.handle({ echo: (_, ctx) => ({ text: String(ctx.timeoutMs()) }) });
    const answer = await pair.client.echo({}, pair.call({ timeoutMs: 5_000 }));
    expect(Number(answer.text)).toBeGreaterThan(1_000);
    expect(Number(answer.text)).toBeLessThanOrEqual(5_000);
  });

  it.each([undefined, 0])("gives a call that asks for the deadline %s the default one", async (timeoutMs) => {
    pair.handle({ echo: (_, ctx) => ({ text: String(ctx.timeoutMs()) }) });
    const answer = await pair.client.echo({}, pair.call(timeoutMs === undefined ? {} : { timeoutMs }));
    expect(Number(answer.text)).toBeGreaterThan(60_000);
    expect(Number(answer.text)).toBeLessThanOrEqual(90_000);
  });

  it("ends at its deadline on both sides", async () => {
    const handlerEnd = deferred<Code>();
    pair.handle({ echo: (_, ctx) => waitForEnd(ctx, handlerEnd.resolve) });
    const error = ConnectError.from(await failureOf(pair.client.echo({}, pair.call({ timeoutMs: 50 }))));
    expect([error.code, error.rawMessage]).toEqual([Code.DeadlineExceeded, "the operation timed out"]);
    // Whose timer fires first is chance: its own, or its client's, which looks like a cancel.
    expect([Code.DeadlineExceeded, Code.Canceled]).toContain(await handlerEnd.promise);
  });

  it("does not wait for a handler that is deaf to its signal", async () => {
    const release = deferred<void>();
    pair.handle({ echo: () => release.promise.then(() => ({})) });
    const error = ConnectError.from(await failureOf(pair.client.echo({}, pair.call({ timeoutMs: 50 }))));
    release.resolve();
    expect(error.code).toBe(Code.DeadlineExceeded);
  });

  it("is canceled by its client, and the handler learns it", async () => {
    const leave = new AbortController();
    const handlerEnd = deferred<Code>();
    pair.handle({
      echo: (_, ctx) => {
        leave.abort();
        return waitForEnd(ctx, handlerEnd.resolve);
      },
    });
    const error = await failureOf(pair.client.echo({}, pair.call({ signal: leave.signal })));
    expect(ConnectError.from(error).code).toBe(Code.Canceled);
    expect(await handlerEnd.promise).toBe(Code.Canceled);
  });

  it("never starts when its signal has ended before", async () => {
    let started = false;
    pair.handle({
      echo: () => {
        started = true;
        return {};
      },
    });
    const error = await failureOf(pair.client.echo({}, pair.call({ signal: AbortSignal.abort() })));
    expect([ConnectError.from(error).code, started]).toEqual([Code.Canceled, false]);
  });

  it("aborts the handler's signal after success too, so that nothing hangs on", async () => {
    const ended = deferred<void>();
    pair.handle({
      echo: (_, ctx) => {
        aborted(ctx.signal).then(ended.resolve, ended.reject);
        return {};
      },
    });
    await pair.client.echo({}, pair.call());
    await expect(ended.promise).resolves.toBeUndefined();
  });

  it("is observed once, with its code and its duration", async () => {
    pair.handle({
      echo: () => Promise.reject(new ForerunError("FR-E1702", "not_found", "no turn", "Look.")),
    });
    pair.observed.length = 0;
    await failureOf(pair.client.echo({}, pair.call()));
    expect(pair.observed).toEqual([
      {
        service: "forerun.testing.contract.v1.ContractService",
        method: "Echo",
        code: "not_found",
        seconds: expect.any(Number),
      },
    ]);
  });
});

async function waitForEnd(ctx: HandlerContext, ended: (code: Code) => void): Promise<never> {
  await aborted(ctx.signal);
  ended(endReason(ctx.signal).code);
  throw ctx.signal.reason;
}
