import { describe, expect, it } from "vitest";
import { createModelCatalog } from "./model-catalog.ts";

const tool = (name: string, input_schema: object) => ({
  name,
  description: "A tool.\n  In  two lines.",
  input_schema: JSON.parse(JSON.stringify(input_schema)),
});

describe("tools as the model sees them", () => {
  it("stand in the prompt on lines of their own", () => {
    const catalog = createModelCatalog([
      tool("a", { type: "object", properties: { x: { type: "number" } } }),
    ]);
    expect(catalog.describe("a")).toBe("- a: A tool. In two lines.\n  args: {x?: number}");
  });

  it("tell what they give, for calls that use it", () => {
    const output_schema = { type: "object", properties: { y: { type: "number", description: "Long." } } };
    const catalog = createModelCatalog([{ ...tool("a", { type: "object" }), output_schema }]);
    expect(catalog.describe("a")).toBe("- a: A tool. In two lines.\n  args: object\n  gives: {y?: number}");
  });

  it("are embedded in the decision's schema unless a reference would break", () => {
    const plain = { type: "object", properties: { x: { type: "number" } } };
    const referring = {
      type: "object",
      properties: { x: { $ref: "#/$defs/x" } },
      $defs: { x: { type: "number" } },
    };
    const catalog = createModelCatalog([tool("plain", plain), tool("referring", referring)]);
    const args = { properties: { x: { anyOf: [{ type: "number" }, { type: "string" }] } } };
    expect(catalog.callSchema("plain")).toMatchObject({ properties: { args } });
    expect(catalog.callSchema("referring")).toMatchObject({ properties: { args: { type: "object" } } });
    expect(catalog.problemOf("referring", { x: "1" })).toBe("x must be number");
    expect(catalog.problemOf("referring", { x: 1 })).toBeUndefined();
  });

  it("may bear the same id", () => {
    const schema = { $id: "https://example.org/s", type: "object", required: ["x"] };
    const catalog = createModelCatalog([tool("a", schema), tool("b", schema)]);
    expect(catalog.problemOf("a", { x: 1 })).toBeUndefined();
    expect(catalog.problemOf("b", {})).toContain("required property 'x'");
  });

  it("are never called when their schema cannot be checked", () => {
    const catalog = createModelCatalog([tool("a", { type: "no such type" })]);
    expect(catalog.problemOf("a", {})).toBe("the input schema cannot be compiled");
  });
});
