import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { expect, it } from "vitest";
import { addFormats } from "./formats.ts";

const ajv = new Ajv2020({ strict: false });
addFormats(ajv);

it("judges every known format of a long hostile text at once", () => {
  const names = Object.keys(ajv.formats);
  expect(names.length).toBeGreaterThan(20);
  for (const format of names) {
    const validate = ajv.compile({ type: "string", format });
    for (const part of ["a", "a-", "a.", "0:", ":", "::", "%20", "/", "~0", "1Y", "{a}"]) {
      for (const start of ["", "http://", "a@", "P", "urn:"]) {
        const text = start + part.repeat(100_000 / part.length);
        const begun = performance.now();
        validate(text);
        expect(performance.now() - begun, `${format} of ${start}${part}…`).toBeLessThan(150);
      }
    }
  }
});

it("still tells addresses from other texts", () => {
  const validate = ajv.compile({ type: "string", format: "url" });
  expect(
    ["https://example.org/a?b=c", "http://a", "example", "http://"].map((text) => validate(text)),
  ).toEqual(
    ["https://example.org/a?b=c", "http://a", "example", "http://"].map((text) =>
      (formats.default.get("url") as RegExp).test(text),
    ),
  );
  expect(validate("https://example.org/")).toBe(true);
});
