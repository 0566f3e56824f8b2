import { describe, expect, it } from "vitest";
import { Expectations } from "./expectations.ts";
import { mayStartAnother, type Prospect, type SpeculationPolicy, worthLaunching } from "./launch-rule.ts";

const POLICY: SpeculationPolicy = {
  enabled: true,
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
    expect(mayStartAnother(p)).toBe(expected);
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

  it("stop a tenant that throws most early work away, and let it try again later", () => {
    const known = new Expectations();
    for (let turn = 0; turn < 9; turn++) known.earlyCallEnded("acme", false);
    expect(known.mayStartEarly("acme", 0.5)).toBe(true);
    known.earlyCallEnded("acme", false);
    expect(known.mayStartEarly("acme", 0.5)).toBe(false);
    expect(known.mayStartEarly("other", 0.5)).toBe(true);
    for (let turn = 0; turn < 100; turn++) known.mayStartEarly("acme", 0.5);
    expect(known.mayStartEarly("acme", 0.5)).toBe(true);
  });

  it("keep a tenant going whose early work is mostly used", () => {
    const known = new Expectations();
    for (let turn = 0; turn < 40; turn++) known.earlyCallEnded("acme", turn % 3 !== 0);
    expect(known.mayStartEarly("acme", 0.5)).toBe(true);
  });
});
