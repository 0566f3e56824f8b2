import { expect, it } from "vitest";
import { createPseudonym } from "./pseudonym.ts";

const KEY = Buffer.alloc(32, 7).toString("base64");

it("gives one id one name, and another id another", () => {
  const name = createPseudonym("hash", KEY);
  expect(name("ada")).toBe(name("ada"));
  expect(name("ada")).not.toBe(name("bob"));
  expect(name("ada")).toMatch(/^[0-9a-f]{16}$/);
});

it("gives other names under another key, and under none", () => {
  const other = Buffer.alloc(32, 8).toString("base64");
  const names = [KEY, other, undefined, undefined].map((key) => createPseudonym("hash", key)("ada"));
  expect(new Set(names).size).toBe(4);
});

it("leaves ids as they are where plain is asked for", () => {
  expect(createPseudonym("plain", KEY)("ada")).toBe("ada");
});
