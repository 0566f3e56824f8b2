import { describe, expect, it } from "vitest";
import { EarlyPlaces } from "./early-places.ts";
import { Expectations } from "./expectations.ts";
import { mayStartAnother, type Prospect, type SpeculationPolicy, worthLaunching } from "./launch-rule.ts";
import { Waste } from "./waste.ts";

const POLICY: SpeculationPolicy = {
  enabled: true,
  answer: false,
  minPTool: 0.5,
  minPArguments: 0.6,
  maxPerTurn: 2,
  maxWaste: 0.5,
};
const GOOD: Prospect = { pTool: 0.9, pArguments: 0.9, toolMs: 300, routeMs: 400, costMicros: 0 };

describe("an early start", () => {
  it.each([
    ["a likely read that takes as long as the decision", {}, true],
    ["a tool below its floor", { pTool: 0.49 }, false],
    ["arguments below their floor", { pArguments: 0.59 }, false],
    ["a decision that is there at once", { routeMs: 1 }, false],
    ["a tool that takes no time", { toolMs: 1 }, false],
    ["an even chance for a slow tool", { pTool: 0.6, pArguments: 0.7 }, true],
    ["a dear tool and an uncertain draft", { pTool: 0.6, pArguments: 0.7, costMicros: 50_000 }, false],
    ["a dear tool that is nearly certain", { pTool: 0.999, pArguments: 0.999, costMicros: 50_000 }, true],
  ])("is judged for %s", (_what, change, expected) => {
    expect(worthLaunching({ ...GOOD, ...change }, POLICY)).toBe(expected);
  });

  it.each([
    [0.39, false],
    [0.4, true],
    [0.85, true],
    [0.86, false],
  ])("of a second draft is considered when the first has p = %s: %s", (p, expected) => {
    expect(mayStartAnother(p, 0.1)).toBe(expected);
  });

  it("of a second draft is considered when the two are likelier than alternatives can be", () => {
    expect(mayStartAnother(0.95, 0.9)).toBe(true);
  });
});

describe("expectations", () => {
  it("follow what tools and decisions take", () => {
    const known = new Expectations();
    known.toolTook("weather", 100);
    for (let turn = 0; turn < 50; turn++) known.routeTook(10);
    expect(known.toolMs("weather")).toBe(100);
    expect(known.toolMs("unseen")).toBe(300);
    expect(known.routeMs).toBeCloseTo(10, 0);
  });

  it("follow what answers take and cost", () => {
    const known = new Expectations();
    known.answerTook({ firstTextMs: 100, costMicros: 50 });
    known.answerTook({ firstTextMs: 200, costMicros: 50 });
    expect(known.answer.firstTextMs).toBeCloseTo(120);
    expect(known.answer.costMicros).toBeCloseTo(50);
  });
});

describe("waste", () => {
  it("stops a tenant that throws most early work away, and lets it try again later", () => {
    const waste = new Waste();
    for (let turn = 0; turn < 9; turn++) waste.ended("acme", false);
    expect(waste.mayGuess("acme", 0.5)).toBe(true);
    waste.ended("acme", false);
    expect(waste.mayGuess("acme", 0.5)).toBe(false);
    expect(waste.mayGuess("other", 0.5)).toBe(true);
    for (let turn = 0; turn < 100; turn++) waste.mayGuess("acme", 0.5);
    expect(waste.mayGuess("acme", 0.5)).toBe(true);
  });

  it("lets a tenant go on whose early work is mostly used", () => {
    const waste = new Waste();
    for (let turn = 0; turn < 40; turn++) waste.ended("acme", turn % 3 !== 0);
    expect(waste.mayGuess("acme", 0.5)).toBe(true);
  });
});

describe("places of early calls", () => {
  it("are as many as a tool may give to guesses, and come back", () => {
    const places = new EarlyPlaces();
    const taken = [...Array(8).keys()].map((at) => places.take(`tenant ${at}`, "weather"));
    expect(taken).not.toContain(undefined);
    expect(places.take("acme", "weather")).toBeUndefined();
    expect(places.take("acme", "time")).toBeDefined();
    taken[0]?.[Symbol.dispose]();
    expect(places.take("acme", "weather")).toBeDefined();
  });

  it("are as many as a tenant may have, whatever others do", () => {
    const places = new EarlyPlaces();
    for (let at = 0; at < 32; at++) expect(places.take("acme", `tool ${at}`)).toBeDefined();
    expect(places.take("acme", "weather")).toBeUndefined();
    expect(places.take("other", "weather")).toBeDefined();
  });
});
