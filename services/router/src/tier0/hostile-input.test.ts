import { describe, expect, it } from "vitest";
import { createPrior } from "./decision/prior.ts";
import { builtIns, calculator } from "./fixtures.ts";
import { readUtterance } from "./spans/utterance.ts";
import { Tier0 } from "./tier0.ts";
import type { JsonObject, ToolDefinition } from "./tool-definition.ts";

const prior = createPrior();
const tier0 = new Tier0(prior);
const CLOCK = { now: new Date("2026-03-01T12:00:00Z"), timeZone: "UTC" };
const ask = async (tools: readonly ToolDefinition[], text: string) =>
  tier0.decide(await tier0.register(tools), {
    text,
    history: [],
    clock: CLOCK,
    toolChoice: "auto",
    maxCalls: 8,
  });

/** Generous: what backtracks takes minutes, not seconds. */
const LIMIT_MS = 4_000;
const LONG = 100_000;

const patterns: [string, string][] = [
  ["letters", "a"],
  ["digits", "1"],
  ["digit groups", "1,111"],
  ["dots", "."],
  ["at signs", "a@"],
  ["dotted words", "a."],
  ["quotes", "'"],
  ["quoted words", "'a' "],
  ["open brackets", "("],
  ["brackets", "[1,"],
  ["operators", "1+"],
  ["signs", "-"],
  ["capitals", "Aa "],
  ["commas", "a, "],
  ["conjunctions", "and "],
  ["spaces", " "],
  ["dates", "2022/08/16 "],
  ["slashes", "a/"],
  ["colons", "a: "],
  ["surrogates", "😀"],
  ["marks", "e\u0301"],
];

describe("a text of 100,000 characters", () => {
  it.each(patterns)("of %s is decided at once", async (_, unit) => {
    const text = unit.repeat(Math.ceil(LONG / unit.length));
    const started = performance.now();
    const decision = await ask(builtIns, text);
    expect(decision.calls).toEqual([]);
    expect(performance.now() - started).toBeLessThan(LIMIT_MS);
  });

  it.each(patterns)("cut to what is read, of %s, is read in linear time", (_, unit) => {
    const text = unit.repeat(Math.ceil(4_000 / unit.length)).slice(0, 4_000);
    const started = performance.now();
    const utterance = readUtterance(text, prior.lexicon, CLOCK);
    const found = [
      utterance.numbers(),
      utterance.dates(),
      utterance.quotes(),
      utterance.codes(),
      utterance.names(),
      utterance.known(),
      utterance.phrases(),
      utterance.expressions(),
      utterance.remainders(),
    ];
    expect(found.every(Array.isArray)).toBe(true);
    expect(performance.now() - started).toBeLessThan(LIMIT_MS);
  });
});

const odd = (input_schema: JsonObject): ToolDefinition => ({
  name: "odd",
  description: "An odd tool.",
  input_schema,
});

describe("an odd schema", () => {
  it.each<[string, JsonObject]>([
    ["nothing at all", {}],
    ["properties that are no object", { type: "object", properties: 7 }],
    ["a property that is no schema", { type: "object", properties: { a: null, b: true, c: "x" } }],
    ["required that is no list", { type: "object", properties: { a: { type: "string" } }, required: "a" }],
    ["an enum of everything", { properties: { a: { enum: [null, 1, "x", [1], { b: 2 }] } } }],
    ["types in a list", { properties: { a: { type: ["null", "integer"] } } }],
    ["a reference", { properties: { a: { $ref: "#/$defs/x" } }, $defs: { x: { type: "string" } } }],
    ["a pattern that backtracks", { properties: { a: { type: "string", pattern: "^(a+)+$" } } }],
    ["an unknown type", { properties: { a: { type: "date" } } }],
    ["items that are no schema", { properties: { a: { type: "array", items: 3 } } }],
    ["an empty name", { properties: { "": { type: "string" } } }],
    ["nothing that can be right", { type: "object", properties: { a: false }, required: ["a"] }],
  ])("with %s is read and decided without a fault", async (_, schema) => {
    const decision = await ask([odd(schema)], "use the odd tool with a = 3 and 'x'");
    expect(["answer", "call", "clarify"]).toContain(decision.action);
  });

  it("that nests without end is cut", async () => {
    let schema: JsonObject = { type: "string" };
    for (let depth = 0; depth < 60; depth++)
      schema = { type: "object", properties: { a: schema }, required: ["a"] };
    expect((await ask([odd(schema)], "use the odd tool")).calls).toEqual([]);
  });

  it("that does not compile allows no call", async () => {
    const decision = await ask(
      [odd({ type: "object", properties: {}, minProperties: "many" })],
      "odd tool odd tool",
    );
    expect(decision.calls).toEqual([]);
  });

  it("with names of the prototype pollutes nothing", async () => {
    const schema: JsonObject = JSON.parse(
      '{"type":"object","properties":{"__proto__":{"type":"string","description":"Name of a city."},"constructor":{"type":"object","properties":{"prototype":{"type":"integer","description":"Number of days."}}}}}',
    );
    await ask([odd(schema)], "the odd tool for the city of Oslo with 5 days");
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    expect("prototype" in {}).toBe(false);
    expect(({} as { days?: number }).days).toBeUndefined();
  });

  it("with ten thousand properties is cut", async () => {
    const properties = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, at) => [`p${at}`, { type: "string" }]),
    );
    const started = performance.now();
    await ask([odd({ type: "object", properties })], "the odd tool with p1 = 3");
    expect(performance.now() - started).toBeLessThan(LIMIT_MS);
  });
});

describe("a description stuffed with words", () => {
  it("does not take a question from the tool it belongs to", async () => {
    const stuffed: ToolDefinition = {
      name: "stuffed",
      description: "weather time calculate convert search rain Oslo price percent ".repeat(200),
      input_schema: { type: "object", properties: {} },
    };
    const decision = await ask([...builtIns, stuffed], "17% of 2400");
    expect(decision.calls.map((call) => call.name)).toEqual(["calculator"]);
  });
});

describe("registration", () => {
  it("keeps the later of two tools with one name", async () => {
    const later = { ...calculator, description: "Draws a picture.", examples: [] };
    const index = await tier0.register([calculator, later]);
    expect(index.tools.map((tool) => tool.definition.description)).toEqual(["Draws a picture."]);
  });

  it("reads a definition once", async () => {
    const [first] = (await tier0.register([calculator])).tools;
    const [second] = (await tier0.register([{ ...calculator }])).tools;
    expect(second).toBe(first);
  });

  it("yields to the event loop while it reads many tools", async () => {
    const many = Array.from({ length: 2_000 }, (_, at) => ({ ...calculator, name: `calculator_${at}` }));
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await tier0.register(many);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
  });

  it("stops when its signal aborts", async () => {
    const many = Array.from({ length: 2_000 }, (_, at) => ({ ...calculator, name: `adder_${at}` }));
    await expect(tier0.register(many, AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
  });
});
