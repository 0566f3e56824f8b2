import type { JsonValue } from "@forerun/toolkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { capJson, capText, sizeOf } from "./result-cap.ts";

test("what fits is left alone", () => {
  const value = { a: [1, "two", null], b: { c: true } };
  expect(capJson(value, sizeOf(value))).toEqual({ value, truncated: false });
});

test("a long field does not push out the short ones", () => {
  const { value, truncated } = capJson({ text: "x".repeat(5000), source: "here", n: 7 }, 200);
  expect(truncated).toBe(true);
  expect(value).toMatchObject({ source: "here", n: 7 });
  expect(sizeOf(value)).toBeLessThanOrEqual(200);
});

test("a list keeps its beginning", () => {
  const { value } = capJson(
    Array.from({ length: 100 }, (_, index) => index),
    20,
  );
  expect(value).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

test("any JSON is cut to the size, is JSON still, and is cut the same way each time", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.integer({ min: 4, max: 300 }), (value, size) => {
      const cut = capJson(value as JsonValue, size);
      expect(sizeOf(cut.value)).toBeLessThanOrEqual(Math.max(size, 4));
      expect(capJson(value as JsonValue, size)).toEqual(cut);
      expect(cut.truncated).toBe(sizeOf(value as JsonValue) > size);
    }),
    { numRuns: 500 },
  );
});

test("a text is cut between characters, never within one", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", maxLength: 80 }),
      fc.integer({ min: 3, max: 60 }),
      (text, size) => {
        const cut = capText(text, size);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(size);
        expect(cut.isWellFormed()).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});
