import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChunkFrame } from "./chunk-frame.ts";
import { readChunk } from "./read-chunk.ts";

const chunk = (content: string, more: object = {}) =>
  JSON.stringify({ id: "c1", choices: [{ index: 0, delta: { content }, finish_reason: null }], ...more });

describe("the frame of a chunk", () => {
  it("gives the texts of chunks that differ in nothing else, whatever they hold", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (texts) => {
        const frame = new ChunkFrame();
        frame.learn(chunk("first"), "first");
        for (const text of texts) expect(frame.textOf(chunk(text))).toBe(text || undefined);
      }),
    );
  });

  it("gives nothing that the whole chunk would not say", () => {
    const data = fc.oneof(
      fc.string().map((text) => chunk(text)),
      fc.string().map((text) => chunk("x").replace('"x"', text)),
      fc.tuple(fc.string(), fc.string()).map(([text, more]) => chunk(text, { more })),
    );
    fc.assert(
      fc.property(data, (next) => {
        const frame = new ChunkFrame();
        frame.learn(chunk("first"), "first");
        const text = frame.textOf(next);
        if (text !== undefined) expect(readChunk(next).text).toBe(text);
      }),
    );
  });

  it.each([
    ["nothing was learnt", chunk("a").slice(0, 5), chunk("b")],
    ["the end differs", chunk("a"), chunk("b", { usage: {} })],
    ["it holds a key more", chunk("a"), chunk("b").replace('"b"', '"b","refusal":"c"')],
    ["it holds no text", chunk("a"), chunk("b").replace('"b"', "null")],
  ])("gives nothing when %s", (_, learnt, next) => {
    const frame = new ChunkFrame();
    frame.learn(learnt, "a");
    expect(frame.textOf(next)).toBeUndefined();
  });

  it("does not learn where two keys could have brought the text", () => {
    const frame = new ChunkFrame();
    frame.learn(chunk("a", { content: "a" }), "a");
    expect(frame.textOf(chunk("a", { content: "b" }))).toBeUndefined();
  });
});
