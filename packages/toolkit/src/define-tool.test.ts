import { ForerunError } from "@forerun/runtime/forerun-error";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { checkTool } from "./check-tool.ts";
import { defineTool } from "./define-tool.ts";
import { isToolFailure, ToolFailure } from "./tool-failure.ts";

const GOOD = {
  name: "probe",
  description: "A tool of a test.",
  effect: "pure" as const,
  input: { type: "object" },
  output: {},
  examples: [],
  timeoutMs: 1000,
  cacheTtlMs: 0,
  run: async () => ({}),
};

function faultOf(definition: unknown): ForerunError {
  try {
    checkTool(definition);
  } catch (error) {
    if (error instanceof ForerunError) return error;
    throw error;
  }
  throw new Error("the definition was accepted");
}

test("zod schemas become JSON Schema 2020-12: arguments before defaults, output after them", () => {
  const shape = z.strictObject({ k: z.int().min(1).default(5).describe("How many.") });
  const tool = defineTool({ ...GOOD, input: shape, output: shape, run: async ({ k }) => ({ k }) });
  const k = {
    default: 5,
    description: "How many.",
    type: "integer",
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
  };
  expect(tool.input).toEqual({ type: "object", properties: { k }, additionalProperties: false });
  expect(tool.output).toEqual({ ...tool.input, required: ["k"] });
});

test("rules that JSON Schema cannot say are kept beside it", () => {
  const input = z
    .strictObject({ from: z.int(), to: z.int() })
    .refine(({ from, to }) => from < to, { error: "from must be before to" });
  const tool = defineTool({ ...GOOD, input });
  expect(tool.refine?.({ from: 1, to: 2 })).toEqual({ kind: "ok", args: { from: 1, to: 2 } });
  expect(tool.refine?.({ from: 2, to: 1 })).toEqual({ kind: "refused", problem: "from must be before to" });
});

test("a plain object is accepted, a checked tool is returned as it is, and neither can be changed afterwards", () => {
  const tool = checkTool(GOOD);
  expect(tool).toMatchObject({ name: "probe", costMicros: 0, examples: [] });
  expect(checkTool(tool)).toBe(tool);
  expect(Object.isFrozen(tool)).toBe(true);
});

describe("a bad definition", () => {
  test.each([
    ["no object", 7, "expected an object"],
    ["a name with spaces", { ...GOOD, name: "My Tool" }, "name: expected 1 to 64 of a-z"],
    ["no description", { ...GOOD, description: " " }, "description: expected a text"],
    [
      "no effect",
      { ...GOOD, effect: undefined },
      'effect: expected "pure", "read" or "write" (nothing is assumed), got nothing',
    ],
    ["an unknown effect", { ...GOOD, effect: "safe" }, 'got "safe"'],
    ["no timeout", { ...GOOD, timeoutMs: undefined }, "timeoutMs: expected a whole number of milliseconds"],
    ["a timeout of eleven minutes", { ...GOOD, timeoutMs: 660_000 }, "1 to 600000"],
    ["no cache time", { ...GOOD, cacheTtlMs: undefined }, "cacheTtlMs: expected"],
    ["a fraction as cost", { ...GOOD, costMicros: 0.5 }, "costMicros: expected a whole number of millionths"],
    [
      "arguments without names",
      { ...GOOD, input: { type: "string" } },
      'input: expected a schema of type "object"',
    ],
    [
      "a schema that is none",
      { ...GOOD, output: "text" },
      "output: expected a zod schema or a JSON Schema object",
    ],
    [
      "a zod schema without JSON Schema",
      { ...GOOD, output: z.date() },
      "output: zod schema has no JSON Schema",
    ],
    [
      "a schema as long as a book",
      { ...GOOD, input: { type: "object", title: "x".repeat(70_000) } },
      "characters of JSON",
    ],
    ["no examples", { ...GOOD, examples: undefined }, "examples: expected a list"],
    ["an example without arguments", { ...GOOD, examples: [{ text: "hi" }] }, "examples: expected a list"],
    ["no run", { ...GOOD, run: undefined }, "run: expected a function"],
    ["a render that is a text", { ...GOOD, render: "hi" }, "render: expected a function"],
  ])("%s is refused with its reason", (_case, definition, words) => {
    const fault = faultOf(definition);
    expect(fault.code).toBe("FR-E1401");
    expect(fault.message).toContain(words);
    expect(fault.fix).toContain("docs/adding-a-tool.md");
  });

  test("a schema that is nested too deeply, or that holds itself", () => {
    const loop: Record<string, unknown> = { type: "object" };
    loop.properties = { loop };
    expect(faultOf({ ...GOOD, input: loop }).message).toContain("nested more than 64 levels");
    expect(
      faultOf({ ...GOOD, input: JSON.parse(`${'{"a":'.repeat(80)}{}${"}".repeat(80)}`) }).message,
    ).toContain("nested");
  });

  test("all faults are named at once", () => {
    const { message } = faultOf({ name: "probe" });
    for (const field of [
      "description",
      "effect",
      "input",
      "output",
      "examples",
      "timeoutMs",
      "cacheTtlMs",
      "run",
    ]) {
      expect(message).toContain(`${field}: expected`);
    }
  });
});

test("a failure is known by its name and code, whichever copy of the package made it", () => {
  expect(isToolFailure(new ToolFailure("not_found", "no"))).toBe(true);
  expect(isToolFailure(Object.assign(new Error("no"), { name: "ToolFailure", code: "denied" }))).toBe(true);
  expect(isToolFailure(Object.assign(new Error("no"), { name: "ToolFailure", code: "timeout" }))).toBe(false);
  expect(isToolFailure(new Error("no"))).toBe(false);
  expect(isToolFailure({ name: "ToolFailure", code: "denied" })).toBe(false);
});
