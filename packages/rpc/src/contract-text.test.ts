import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PAIRS, type Pair } from "./fixtures/pairs.ts";

describe.each(PAIRS)("text: $name", (kind) => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await kind.open();
  });
  afterAll(async () => {
    await pair[Symbol.asyncDispose]();
  });

  it.each([
    ["a byte order mark at its start", "\uFEFFtext"],
    ["nothing but a byte order mark", "\uFEFF"],
    ["control characters", "\u0000\u0001\u0085\u2028"],
    ["noncharacters and the last plane", "\uFFFE\uFFFF\u{10FFFF}"],
    ["marks that turn the direction", "\u202Eabc\u202C\u2066"],
  ])("arrives as it was sent, both ways: %s", async (_, text) => {
    let received = "";
    pair.handle({
      echo: (request) => {
        received = request.text;
        return { text: request.text };
      },
    });
    expect((await pair.client.echo({ text }, pair.call())).text).toBe(text);
    expect(received).toBe(text);
  });
});
