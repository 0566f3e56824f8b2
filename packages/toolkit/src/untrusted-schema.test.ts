import { describe, expect, it } from "vitest";
import { UntrustedSchemas } from "./untrusted-schema.ts";

const schemas = new UntrustedSchemas();

function checkOf(schema: unknown) {
  const compiled = schemas.compile(schema);
  if (compiled.kind === "bad") throw new Error(compiled.problem);
  return compiled.check;
}

const nested = (levels: number): object => (levels === 0 ? {} : { not: nested(levels - 1) });

describe("a stranger's schema", () => {
  it("checks values and names the rule that one breaks", () => {
    const check = checkOf({
      type: "object",
      required: ["a"],
      properties: { a: { type: "integer", maximum: 9 } },
    });
    expect(check({ a: 9 })).toBeUndefined();
    expect(check({ a: 10 })).toContain('"maximum"');
    expect(check({})).toContain('"required"');
  });

  it("may name another draft and refer to its own definitions, also in a circle", () => {
    const check = checkOf({
      $schema: "http://json-schema.org/draft-07/schema#",
      definitions: {
        node: {
          type: "object",
          properties: { next: { $ref: "#/definitions/node" } },
          additionalProperties: false,
        },
      },
      $ref: "#/definitions/node",
    });
    expect(check({ next: { next: {} } })).toBeUndefined();
    expect(check({ next: { other: 1 } })).toContain("additionalProperties");
  });

  it.each<[string, unknown]>([
    ["no object", []],
    ["a type that is none", { type: "strnig" }],
    ["a rule of the wrong kind", { required: "a" }],
    ["a pattern that is none", { pattern: "(" }],
    ["a reference to elsewhere", { $ref: "https://example.com/schema.json" }],
    ["a reference to nothing", { $ref: "#/$defs/a" }],
    ["$async", { $async: true, type: "object" }],
    ["too much depth", nested(80)],
    ["too much text", { description: "x".repeat(70_000) }],
  ])("is refused for %s", (_, schema) => {
    expect(schemas.compile(schema)).toMatchObject({ kind: "bad", problem: expect.any(String) });
  });

  it("may be as wide as its size allows", () => {
    const properties = Object.fromEntries(
      Array.from({ length: 1_500 }, (_, at) => [`p${at}`, { type: "string" }]),
    );
    expect(checkOf({ type: "object", properties })({ p1499: 1 })).toContain('"type"');
  });

  it("is compiled once for as long as it is in use", () => {
    const schema = { type: "array", items: { type: "integer" } };
    expect(schemas.compile({ ...schema })).toBe(schemas.compile(schema));
  });

  it("never meets the ids of another", () => {
    expect(
      schemas.compile({
        $id: "https://example.com/a",
        $defs: { x: { $id: "https://example.com/x", type: "string" } },
      }).kind,
    ).toBe("ok");
    expect(schemas.compile({ $id: "https://example.com/a", type: "object" }).kind).toBe("ok");
    expect(schemas.compile({ $ref: "https://example.com/x" }).kind).toBe("bad");
  });

  it("cannot hold the process up with a pattern that backtracks, or with references without end", () => {
    expect(checkOf({ pattern: "^(a+)+$" })(`${"a".repeat(60)}!`)).toContain("too long");
    expect(checkOf({ $defs: { a: { anyOf: [{ $ref: "#/$defs/a" }] } }, $ref: "#/$defs/a" })(1)).toBeDefined();
  });
});
