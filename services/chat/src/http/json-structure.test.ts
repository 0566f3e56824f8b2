import { expect, it } from "vitest";
import { findStructureFault } from "./json-structure.ts";

const limits = { depth: 64, values: 20_000 };
const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

it.each([
  ["a text at the depth limit", nested(64)],
  ["brackets inside strings", JSON.stringify({ a: "[".repeat(1000) })],
  ["quotes and backslashes inside strings", JSON.stringify({ 'a"\\': '\\"', b: "\\\\" })],
  ["the same name in two objects", '[{"a":1},{"a":2},{"b":{"a":1}}]'],
  ["a string value that equals a name", '{"a":"a","b":"a"}'],
])("%s passes", (_name, text) => {
  expect(findStructureFault(text, limits)).toBeUndefined();
});

it.each([
  ["one level too deep", nested(65), "nested deeper than 64"],
  ["a name that stands twice", '{"a":1,"a":2}', '"a" stands twice'],
  ["a name that stands twice, once escaped", '{"a":1,"\\u0061":2}', '"a" stands twice'],
  ["__proto__", '{"x":{"__proto__":{}}}', "__proto__"],
  ["__proto__, escaped", '{"\\u005f_proto__":1}', "__proto__"],
  ["too many values", `[${"1,".repeat(20_000)}1]`, "more than 20000 values"],
])("%s is a fault", (_name, text, fault) => {
  expect(findStructureFault(text, limits)).toContain(fault);
});

it.each([
  ["unclosed brackets", "[".repeat(4_000_000)],
  ["unclosed objects", '{"a":'.repeat(800_000)],
  ["a string of quotes", `"${'\\"'.repeat(2_000_000)}"`],
  ["a string of backslashes without end", `"${"\\".repeat(4_000_000)}`],
  ["a million names", `{${Array.from({ length: 400_000 }, (_, at) => `"k${at}":1`).join()}}`],
])("4 MB of %s take linear time", (_name, text) => {
  // Processor time, since other work on the machine is not this function's.
  const begun = process.cpuUsage();
  findStructureFault(text, limits);
  const { user, system } = process.cpuUsage(begun);
  expect((user + system) / 1000).toBeLessThan(100);
});
