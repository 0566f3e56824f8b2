import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SseLimitError, SseParser } from "./sse-parser.ts";

const utf8 = new TextEncoder();

function read(parts: readonly Uint8Array[]): string[] {
  const parser = new SseParser(1_000);
  return [...parts.flatMap((part) => parser.push(part)), ...parser.end()];
}

function split(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const at = [0, ...[...new Set(cuts)].sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

describe("server-sent events", () => {
  it.each([
    ["one event", "data: a\n\n", ["a"]],
    ["no space after the colon", "data:a\n\n", ["a"]],
    ["only the first space goes", "data:  a\n\n", [" a"]],
    ["several lines of one event", "data: a\ndata: b\n\n", ["a\nb"]],
    ["CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]],
    ["CR alone", "data: a\r\rdata: b\r\r", ["a", "b"]],
    ["comments and other fields", ": ping\nevent: x\nid: 1\nretry: 5\ndata: a\n\n", ["a"]],
    ["a field without a colon", "data\n\n", [""]],
    ["blank lines between events", "\n\n\ndata: a\n\n\n\n", ["a"]],
    ["a comment alone is no event", ": keep-alive\n\n", []],
    ["a byte order mark", "\uFEFFdata: a\n\n", ["a"]],
    ["the last event without its blank line", "data: a\n\ndata: b", ["a", "b"]],
    ["a field whose name only begins like data", "database: x\n\n", []],
    ["NUL and other controls stay", "data: a\0b\u001b\n\n", ["a\0b\u001b"]],
  ])("reads %s", (_, stream, events) => {
    expect(read([utf8.encode(stream)])).toEqual(events);
  });

  it("reads the same events however the bytes are split", () => {
    const line = fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => text.replace(/[\r\n]/g, " "));
    const event = fc.array(line, { minLength: 1, maxLength: 3 });
    const end = fc.constantFrom("\n", "\r\n", "\r");
    fc.assert(
      fc.property(fc.array(event, { maxLength: 5 }), end, fc.array(fc.nat(400)), (events, eol, cuts) => {
        const stream = events
          .map((lines) => `: note${eol}${lines.map((text) => `data: ${text}${eol}`).join("")}${eol}`)
          .join("");
        const bytes = utf8.encode(stream);
        const parts = split(
          bytes,
          cuts.map((cut) => cut % (bytes.length + 1)),
        );
        expect(read(parts)).toEqual(events.map((lines) => lines.join("\n")));
      }),
      { numRuns: 500 },
    );
  });

  it("reads the same events at every single split, and byte by byte", () => {
    const bytes = utf8.encode('data: {"text":"é🙂"}\r\n\r\n: x\r\ndata: a\r\ndata: b\r\n\r\n');
    const whole = ['{"text":"é🙂"}', "a\nb"];
    for (let cut = 0; cut <= bytes.length; cut += 1) expect(read(split(bytes, [cut]))).toEqual(whole);
    expect(read([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(whole);
  });

  it.each([
    ["a line without end", ["data: ", ...Array<string>(30).fill("x".repeat(50))]],
    ["an event without end", Array<string>(30).fill(`data: ${"x".repeat(50)}\n`)],
    ["one long line", [`data: ${"x".repeat(2_000)}\n\n`]],
  ])("refuses %s", (_, parts) => {
    expect(() => read(parts.map((part) => utf8.encode(part)))).toThrow(SseLimitError);
  });
});
