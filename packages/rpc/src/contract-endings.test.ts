import { randomBytes } from "node:crypto";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endReason } from "./call-signal.ts";
import { deferred } from "./deferred.ts";
import type { Handlers } from "./fixtures/contract-service.ts";
import { PAIRS, type Pair } from "./fixtures/pairs.ts";
import { aborted, all, failureOf, sendingThenWaiting } from "./fixtures/requests.ts";

/** Between a handler and a client that does not read; on HTTP/1.1 most of it is the kernel's socket buffers. */
const MOST_HELD_BYTES = 12_582_912;

describe.each(PAIRS)("the end of a stream: $name", (kind) => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await kind.open();
  });
  afterAll(async () => {
    await pair[Symbol.asyncDispose]();
  });

  /** Counts without end; `end` tells why it stopped, once its clean-up has run. */
  function counting(): { handlers: Handlers; end: Promise<Code> } {
    const end = deferred<Code>();
    const handlers: Handlers = {
      async *count(_, ctx) {
        try {
          for (let number = 1; !ctx.signal.aborted; number++) {
            yield { number };
            await new Promise(setImmediate);
          }
        } finally {
          await aborted(ctx.signal);
          end.resolve(endReason(ctx.signal).code);
        }
      },
    };
    return { handlers, end: end.promise };
  }

  it("reaches the handler when its client breaks out of the loop", async () => {
    const { handlers, end } = counting();
    pair.handle(handlers);
    for await (const { number } of pair.client.count({}, pair.call())) if (number === 3) break;
    expect(await end).toBe(Code.Canceled);
  });

  it("reaches the handler when its client throws in the loop", async () => {
    const { handlers, end } = counting();
    pair.handle(handlers);
    const read = async () => {
      for await (const { number } of pair.client.count({}, pair.call()))
        if (number === 3) throw new Error("enough");
    };
    expect(String(await failureOf(read()))).toBe("Error: enough");
    expect(await end).toBe(Code.Canceled);
  });

  it("reaches a handler that waits, with nothing sent yet", async () => {
    const end = deferred<Code>();
    const started = deferred<void>();
    pair.handle({
      // biome-ignore lint/correctness/useYield: it is left before it has anything to send
      async *count(_, ctx) {
        started.resolve();
        await aborted(ctx.signal);
        end.resolve(endReason(ctx.signal).code);
      },
    });
    const iterator = pair.client.count({}, pair.call())[Symbol.asyncIterator]();
    const first = failureOf(iterator.next());
    await started.promise;
    await iterator.return?.();
    expect(ConnectError.from(await first).code).toBe(Code.Canceled);
    expect(await end.promise).toBe(Code.Canceled);
  });

  it("comes by its client's signal, and tells both sides", async () => {
    const { handlers, end } = counting();
    pair.handle(handlers);
    const leave = new AbortController();
    const read = async () => {
      for await (const { number } of pair.client.count({}, pair.call({ signal: leave.signal }))) {
        if (number === 3) leave.abort();
      }
    };
    expect(ConnectError.from(await failureOf(read())).code).toBe(Code.Canceled);
    expect(await end).toBe(Code.Canceled);
  });

  it("comes by its deadline, in mid-stream, on both sides", async () => {
    const { handlers, end } = counting();
    pair.handle(handlers);
    const stream = pair.client.count({}, pair.call({ timeoutMs: 80 }));
    expect(ConnectError.from(await failureOf(all(stream))).code).toBe(Code.DeadlineExceeded);
    expect([Code.DeadlineExceeded, Code.Canceled]).toContain(await end);
  });

  it("is observed once when its consumer leaves", async () => {
    const { handlers, end } = counting();
    pair.handle(handlers);
    pair.observed.length = 0;
    for await (const _ of pair.client.count({}, pair.call())) break;
    await end;
    expect(pair.observed.map(({ code }) => code)).toEqual(["canceled"]);
  });

  it("never makes a commit of an upload that was canceled", async () => {
    const committed: number[] = [];
    const ended = deferred<void>();
    const received = deferred<void>();
    pair.handle({
      async sum(requests, ctx) {
        let total = 0;
        try {
          for await (const { number, commit } of requests) {
            total += number;
            received.resolve();
            if (commit) committed.push(total);
          }
          await aborted(ctx.signal);
        } finally {
          ended.resolve();
        }
        return { total };
      },
    });
    const leave = new AbortController();
    const upload = sendingThenWaiting(leave.signal, { number: 1 }, { number: 2 });
    const call = failureOf(pair.client.sum(upload, pair.call({ signal: leave.signal })));
    await received.promise;
    leave.abort();
    expect(ConnectError.from(await call).code).toBe(Code.Canceled);
    await ended.promise;
    expect(committed).toEqual([]);
  });

  it("stops an upload whose own source fails", async () => {
    const ended = deferred<void>();
    pair.handle({
      async sum(requests, ctx) {
        try {
          await all(requests);
          await aborted(ctx.signal);
        } finally {
          ended.resolve();
        }
        return {};
      },
    });
    async function* failing() {
      yield { number: 1 };
      throw new Error("the disk is gone");
    }
    await expect(failureOf(pair.client.sum(failing(), pair.call()))).resolves.toBeInstanceOf(Error);
    await expect(ended.promise).resolves.toBeUndefined();
  });

  it("holds the handler back while its client does not read", async () => {
    // Random, since the edge compresses.
    const padding = new Uint8Array(randomBytes(65_536));
    let made = 0;
    pair.handle({
      echo: () => ({}),
      async *count(_, ctx) {
        for (let number = 1; !ctx.signal.aborted; number++) {
          made = number;
          yield { number, padding };
        }
      },
    });
    const stream = pair.client.count({}, pair.call())[Symbol.asyncIterator]();
    await stream.next();
    // Round trips are the clock: the handler has stopped when 20 of them pass and it has made nothing more.
    for (let quiet = 0, before = 0; quiet < 20; quiet = made === before ? quiet + 1 : 0) {
      before = made;
      await pair.client.echo({}, pair.call());
      expect(made * padding.byteLength).toBeLessThan(MOST_HELD_BYTES);
    }
    await stream.return?.();
  });
});
