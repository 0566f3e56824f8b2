import { expect, it } from "vitest";
import { ToolCallReading, toolCallDeltas } from "./tool-call-reading.ts";

function read(...chunks: object[][]) {
  const reading = new ToolCallReading();
  for (const chunk of chunks) reading.take(toolCallDeltas.parse(chunk));
  return reading.calls();
}

const piece = (fields: object, args: string, name?: string) => ({
  ...fields,
  function: { arguments: args, name },
});

const A = { id: "a", name: "f", arguments: '{"x":1}' };
const B = { id: "b", name: "g", arguments: "{}" };

it.each([
  [
    "by index",
    [[piece({ index: 0, id: "a" }, "", "f")], [piece({ index: 0 }, '{"x"')], [piece({ index: 0 }, ":1}")]],
  ],
  ["by a repeated id", [[piece({ id: "a" }, '{"x"', "f")], [piece({ id: "a" }, ":1}")]]],
  ["by order alone", [[piece({ id: "a" }, '{"x"', "f")], [piece({}, ":1}")]]],
])("puts a call together %s", (_, chunks) => {
  expect(read(...chunks)).toEqual([A]);
});

it.each([
  [
    "interleaved",
    [
      [piece({ index: 0, id: "a" }, '{"x"', "f"), piece({ index: 1, id: "b" }, "", "g")],
      [piece({ index: 0 }, ":1}")],
    ],
  ],
  ["whole and without an index", [[piece({ id: "a" }, '{"x":1}', "f"), piece({ id: "b" }, "", "g")]]],
])("keeps two calls apart that come %s", (_, chunks) => {
  expect(read(...chunks)).toEqual([A, B]);
});

it("makes up an id where the endpoint gave none", () => {
  expect(read([piece({ index: 0 }, "{}", "f")])).toEqual([{ id: "call_1", name: "f", arguments: "{}" }]);
});
