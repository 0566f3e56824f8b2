import { Code } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readError } from "./error-details.ts";
import { MAX_BYTES } from "./fixtures/contract-service.ts";
import { PAIRS, type Pair } from "./fixtures/pairs.ts";
import { all, failureOf, sending } from "./fixtures/requests.ts";

const TOO_LARGE = { status: Code.ResourceExhausted, code: "FR-E1302" };

/** Bytes for a field below 16, so that the whole message takes `size` bytes on the wire. */
function filling(size: number): Uint8Array {
  const lengthBytes = 4;
  return new Uint8Array(size - 1 - lengthBytes);
}

describe.each(PAIRS.filter(({ json }) => !json))("a message of 4 MiB: $name", (kind) => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await kind.open();
  });
  afterAll(async () => {
    await pair[Symbol.asyncDispose]();
  });

  it("passes as a request at the limit, and one byte more is refused", async () => {
    pair.handle({ echo: ({ data }) => ({ small: data.byteLength % 99 }) });
    const data = filling(MAX_BYTES);
    expect((await pair.client.echo({ data }, pair.call())).small).toBe(data.byteLength % 99);
    const error = readError(await failureOf(pair.client.echo({ data: filling(MAX_BYTES + 1) }, pair.call())));
    expect(error).toMatchObject(TOO_LARGE);
  });

  it("passes as an answer at the limit, and one byte more is refused", async () => {
    pair.handle({ echo: ({ small }) => ({ data: filling(MAX_BYTES + small) }) });
    expect((await pair.client.echo({ small: 0 }, pair.call())).data.byteLength).toBe(
      filling(MAX_BYTES).byteLength,
    );
    const error = readError(await failureOf(pair.client.echo({ small: 1 }, pair.call())));
    expect(error).toMatchObject(TOO_LARGE);
  });

  it("passes in a stream at the limit, and one byte more is refused after what came before", async () => {
    pair.handle({
      async *count({ to }) {
        yield { padding: filling(MAX_BYTES) };
        yield { padding: filling(MAX_BYTES + to) };
      },
    });
    expect(await all(pair.client.count({ to: 0 }, pair.call()))).toHaveLength(2);
    let received = 0;
    const read = async () => {
      for await (const _ of pair.client.count({ to: 1 }, pair.call())) received++;
    };
    expect([readError(await failureOf(read())), received]).toMatchObject([TOO_LARGE, 1]);
  });

  if (kind.bidi)
    it("passes in an upload at the limit, and one byte more is refused", async () => {
      pair.handle({
        async *talk(requests) {
          for await (const { text } of requests) yield { text: String(text.length) };
        },
      });
      const textOf = (size: number) => ({ text: "x".repeat(filling(size).byteLength) });
      const talk = (size: number) => all(pair.client.talk(sending(textOf(size)), pair.call()));
      expect(await talk(MAX_BYTES)).toHaveLength(1);
      expect(readError(await failureOf(talk(MAX_BYTES + 1)))).toMatchObject(TOO_LARGE);
    });

  if (kind.readsEarlyAnswers)
    it("is refused with the same code however much too large it is", async () => {
      pair.handle({ echo: () => ({}) });
      const error = readError(
        await failureOf(pair.client.echo({ data: filling(3 * MAX_BYTES) }, pair.call())),
      );
      expect(error).toMatchObject(TOO_LARGE);
    });
});

describe.each(PAIRS.filter(({ json }) => json))("4 MiB of JSON: $name", (kind) => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await kind.open();
  });
  afterAll(async () => {
    await pair[Symbol.asyncDispose]();
  });

  /** Text that makes the request's JSON take `size` bytes. */
  const textFor = (size: number) => "x".repeat(size - '{"text":""}'.length);

  it("pass as a body at the limit in both directions, and one byte more is refused", async () => {
    pair.handle({ echo: ({ text }) => ({ text }) });
    const text = textFor(MAX_BYTES);
    expect((await pair.client.echo({ text }, pair.call())).text).toBe(text);
    const error = readError(await failureOf(pair.client.echo({ text: textFor(MAX_BYTES + 1) }, pair.call())));
    expect(error).toMatchObject(TOO_LARGE);
  });
});
