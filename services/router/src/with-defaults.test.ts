import { describe, expect, it } from "vitest";
import { withDefaults } from "./with-defaults.ts";

const SCHEMA = {
  type: "object",
  properties: {
    query: { type: "string" },
    k: { type: "integer", default: 5 },
    options: { type: "object", properties: { unit: { type: "string", default: "celsius" } } },
  },
};

describe("defaults of a schema", () => {
  it.each([
    ["fill what is missing", { query: "x" }, { query: "x", k: 5 }],
    ["leave what is set", { query: "x", k: 3 }, { query: "x", k: 3 }],
    ["leave a null that is set", { query: "x", k: null }, { query: "x", k: null }],
    ["reach into objects that are there", { options: {} }, { k: 5, options: { unit: "celsius" } }],
    ["leave what the schema does not name", { other: 1 }, { other: 1, k: 5 }],
  ])("%s", (_what, given, expected) => {
    expect(withDefaults(SCHEMA, given)).toEqual(expected);
  });

  it("are nothing without properties, and change nothing that is given", () => {
    const given = Object.freeze({ query: "x" });
    expect(withDefaults({ type: "object" }, given)).toBe(given);
    expect(withDefaults(SCHEMA, given)).not.toBe(given);
  });
});
