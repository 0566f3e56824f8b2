import fc from "fast-check";
import { expect, it } from "vitest";
import { JsonSpan } from "./json-span.ts";

function spanOf(pieces: readonly string[]): string {
  const span = new JsonSpan();
  return pieces.map((piece) => span.push(piece)).join("");
}

const OBJECT = '{"a":"} \\" { \\\\","b":{"c":[1,{}]}}';

it.each([
  ["nothing else", OBJECT],
  ["a code fence", `\`\`\`json\n${OBJECT}\n\`\`\``],
  ["words around it", `Here you are: ${OBJECT} Anything else? {"x":1}`],
  ["thoughts before it", `<think>Should I say {"a":1}? No.</think>\n${OBJECT}`],
])("is found in a text with %s, however that is split", (_, text) => {
  expect(spanOf([text])).toBe(OBJECT);
  expect(spanOf([...text])).toBe(OBJECT);
});

it("is any object, byte by byte", () => {
  const object = fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value));
  fc.assert(
    fc.property(object, fc.integer({ min: 1, max: 9 }), (json, size) => {
      const text = `Well, ${json} done`;
      const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
        text.slice(at * size, (at + 1) * size),
      );
      expect(spanOf(pieces)).toBe(json);
    }),
  );
});

it("is nothing in a text without one", () => {
  expect(spanOf(["I would ", "rather not."])).toBe("");
  expect(spanOf(["<think>still", " thinking"])).toBe("");
});
