import fc from "fast-check";
import { expect, it } from "vitest";
import { canonicalJson } from "./canonical-json.ts";
import type { JsonValue } from "./json.ts";

it.each<[string, JsonValue, string]>([
  ["sorts keys at every level", { b: [{ d: 1, c: 2 }], a: null }, '{"a":null,"b":[{"c":2,"d":1}]}'],
  [
    "sorts by code units, not by letters",
    { é: 1, z: 2, "\u{1f600}": 3, "\ufb01": 4 },
    '{"z":2,"é":1,"😀":3,"ﬁ":4}',
  ],
  ["keeps the order of a list", [3, 1, 2], "[3,1,2]"],
  ["writes numbers in their shortest form", [1e21, 4.5, 0.002, -0, 1e-27], "[1e+21,4.5,0.002,0,1e-27]"],
  ["escapes only what it must", "€$\u000f\nA'\"\\/", '"€$\\u000f\\nA\'\\"\\\\/"'],
])("%s", (_what, value, text) => {
  expect(canonicalJson(value)).toBe(text);
});

const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, shuffled(inner)]),
  );
};

it("is the same however the keys were ordered, and reads back as the same value", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (made) => {
      const value = JSON.parse(JSON.stringify(made)) as JsonValue;
      expect(canonicalJson(shuffled(value) as JsonValue)).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(value);
    }),
  );
});
