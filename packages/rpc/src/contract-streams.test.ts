import { Code, ConnectError } from "@connectrpc/connect";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callerOf } from "./call-context.ts";
import { deferred } from "./deferred.ts";
import { readError } from "./error-details.ts";
import { PAIRS, type Pair } from "./fixtures/pairs.ts";
import { all, failureOf, sending } from "./fixtures/requests.ts";

describe.each(PAIRS)("a stream: $name", (kind) => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await kind.open();
  });
  afterAll(async () => {
    await pair[Symbol.asyncDispose]();
  });

  it("brings every message in order, then its trailers", async () => {
    pair.handle({
      async *count({ to }, ctx) {
        ctx.responseHeader.set("x-caller", callerOf(ctx).tenant);
        for (let number = 1; number <= to; number++) yield { number };
        ctx.responseTrailer.set("x-after", "done");
      },
    });
    const seen: string[] = [];
    const onHeader = (header: Headers) => void seen.push(header.get("x-caller") ?? "");
    const onTrailer = (trailer: Headers) => void seen.push(trailer.get("x-after") ?? "");
    const messages = await all(pair.client.count({ to: 1000 }, pair.call({ onHeader, onTrailer })));
    expect(messages.map(({ number }) => number)).toEqual(
      Array.from({ length: 1000 }, (_, index) => index + 1),
    );
    expect(seen).toEqual(["local", "done"]);
  });

  it("may be empty", async () => {
    pair.handle({ async *count() {} });
    expect(await all(pair.client.count({}, pair.call()))).toEqual([]);
  });

  it("delivers all that was sent before an error, however slowly it is read", async () => {
    pair.handle({
      async *count() {
        for (let number = 1; number <= 12; number++) yield { number };
        throw new ForerunError("FR-E1703", "aborted", "lost", "Try again.");
      },
    });
    const numbers: number[] = [];
    const read = async () => {
      for await (const { number } of pair.client.count({}, pair.call())) {
        numbers.push(number);
        await new Promise(setImmediate);
      }
    };
    const error = readError(await failureOf(read()));
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(error).toMatchObject({
      status: Code.Aborted,
      message: "lost",
      code: "FR-E1703",
      fix: "Try again.",
    });
  });

  it("hides a fault after the first message, where a try/catch around next() sees nothing", async () => {
    const cause = new Error("secret");
    pair.handle({
      async *count() {
        yield { number: 1 };
        throw cause;
      },
    });
    pair.logs.length = 0;
    pair.observed.length = 0;
    const error = ConnectError.from(await failureOf(all(pair.client.count({}, pair.call()))));
    expect(error.rawMessage).toMatch(/^internal error [0-9a-f-]{36}$/);
    expect(pair.logs.filter(({ fields }) => fields.err === cause)).toHaveLength(1);
    expect(pair.observed.map(({ code }) => code)).toEqual(["internal"]);
  });

  it("refuses a caller who proves nothing", async () => {
    pair.handle({ async *count() {} });
    const error = await failureOf(all(pair.client.count({}, pair.anonymous)));
    expect(ConnectError.from(error).code).toBe(Code.Unauthenticated);
  });

  it("starts when it is called, not when its answers are read", async () => {
    const started = deferred<void>();
    pair.handle({
      async *count() {
        started.resolve();
        yield { number: 1 };
      },
    });
    const stream = pair.client.count({}, pair.call());
    await started.promise;
    expect(await all(stream)).toHaveLength(1);
  });

  it("takes an upload and answers once", async () => {
    pair.handle({
      async sum(requests) {
        let total = 0;
        for await (const { number } of requests) total += number;
        return { total };
      },
    });
    const numbers = Array.from({ length: 100 }, (_, number) => ({ number }));
    const answer = await pair.client.sum(sending(...numbers), pair.call());
    expect(answer.total).toBe(4950);
  });

  it("refuses the very message of an upload that breaks a rule", async () => {
    let added = 0;
    pair.handle({
      async sum(requests) {
        for await (const { number } of requests) added += number;
        return { total: added };
      },
    });
    const upload = sending({ number: 1 }, { number: 100 }, { number: 1 });
    const error = readError(await failureOf(pair.client.sum(upload, pair.call())));
    expect([error.status, error.code, added]).toEqual([Code.InvalidArgument, "FR-E1301", 1]);
  });

  if (kind.bidi)
    it("lets a client wait for each answer before its next request", async () => {
      pair.handle({
        async *talk(requests) {
          for await (const { text } of requests) yield { text: text.toUpperCase() };
        },
      });
      let answered = deferred<void>();
      async function* asking() {
        for (const text of ["a", "b", "c"]) {
          answered = deferred();
          yield { text };
          await answered.promise;
        }
      }
      const texts: string[] = [];
      for await (const { text } of pair.client.talk(asking(), pair.call())) {
        texts.push(text);
        answered.resolve();
      }
      expect(texts).toEqual(["A", "B", "C"]);
    });

  if (kind.bidi)
    it("goes on answering after its requests have ended", async () => {
      pair.handle({
        async *talk(requests) {
          const texts = (await all(requests)).map(({ text }) => text);
          for (const text of texts) yield { text };
          yield { text: "end" };
        },
      });
      const answers = await all(pair.client.talk(sending({ text: "a" }, { text: "b" }), pair.call()));
      expect(answers.map(({ text }) => text)).toEqual(["a", "b", "end"]);
    });

  if (kind.bidi)
    it("may end before its requests do, and then leaves their source", async () => {
      const left = deferred<void>();
      async function* endless() {
        try {
          for (;;) {
            yield { text: "more" };
            await new Promise(setImmediate);
          }
        } finally {
          left.resolve();
        }
      }
      pair.handle({
        async *talk(requests) {
          for await (const { text } of requests) {
            yield { text };
            return;
          }
        },
      });
      expect(await all(pair.client.talk(endless(), pair.call()))).toHaveLength(1);
      await expect(left.promise).resolves.toBeUndefined();
    });
});
