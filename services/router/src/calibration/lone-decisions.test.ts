import { beforeAll, describe, expect, it } from "vitest";
import { createPrior } from "../tier0/decision/prior.ts";
import type { Tier0Decision } from "../tier0/decision/tier0-decision.ts";
import { builtIns, calculator } from "../tier0/fixtures.ts";
import type { ToolIndex } from "../tier0/ranking/tool-index.ts";
import { Tier0 } from "../tier0/tier0.ts";
import type { ToolDefinition } from "../tier0/tool-definition.ts";
import { calibrationFixture } from "./fixtures.ts";
import { LoneDecisions } from "./lone-decisions.ts";

const tier0 = new Tier0(createPrior());
const trusted: ToolDefinition = { ...calculator, trusted: true };
let index: ToolIndex;

beforeAll(async () => {
  index = await tier0.register([trusted, ...builtIns.slice(1)]);
});

const decideAmong = (tools: ToolIndex, text: string): Tier0Decision =>
  tier0.decide(tools, {
    text,
    history: [],
    clock: { now: new Date("2026-03-01T12:00:00Z"), timeZone: "UTC" },
    toolChoice: "auto",
    maxCalls: 8,
  });

type Counted = "alone" | "agreed" | "disagreed";

function watched(random = 0.5, embedder: string | null = null) {
  const counts: Counted[] = [];
  let drifts = 0;
  const lone = new LoneDecisions({
    calibration: { ...calibrationFixture(), embedder },
    random: () => random,
    counted: (result) => counts.push(result),
    drifted: () => {
      drifts += 1;
    },
  });
  return { lone, counts, drifts: () => drifts };
}

describe("a sure decision", () => {
  const needAmong = async (tool: ToolDefinition, text = "17% of 2400") => {
    const among = await tier0.register([tool, ...builtIns.slice(1)]);
    return watched().lone.needOf(decideAmong(among, text), among);
  };

  it("for a known tool of ours with typed arguments needs no model", async () => {
    expect(await needAmong(trusted)).toBe("none");
  });

  it.each<[string, ToolDefinition]>([
    ["that changes something", { ...trusted, effect: "write" }],
    ["of a third party", { ...trusted, trusted: false }],
    ["that nobody vouches for", calculator],
    ["with four examples", { ...trusted, examples: trusted.examples?.slice(0, 4) ?? [] }],
  ])("for a tool %s needs one", async (_, tool) => {
    expect(await needAmong(tool)).toBe("needed");
  });

  it("below the threshold needs one", () => {
    const decision = decideAmong(index, "17% of 2400");
    expect(watched().lone.needOf({ ...decision, confidence: 0.2 }, index)).toBe("needed");
  });

  it("ranked otherwise than what was calibrated needs one", () => {
    const byWords = decideAmong(index, "17% of 2400");
    expect(watched(0.5, "topics").lone.needOf(byWords, index)).toBe("needed");
    const calls = byWords.calls.map((call) => ({ ...call, rankedBy: "meaning" as const }));
    const byMeaning = { ...byWords, calls };
    expect(watched(0.5, "topics").lone.needOf(byMeaning, index)).toBe("none");
    expect(watched().lone.needOf(byMeaning, index)).toBe("needed");
  });

  it("with a value that is just words needs one", async () => {
    const search: ToolDefinition = {
      name: "find_recipe",
      description: "Finds a recipe.",
      effect: "read",
      trusted: true,
      input_schema: { type: "object", properties: { dish: { type: "string" } }, required: ["dish"] },
      examples: [
        "find a recipe for soup",
        "recipe for stew",
        "recipe for pie",
        "a recipe please",
        "show a recipe",
      ].map((text) => ({ text, arguments: {} })),
    };
    const among = await tier0.register([search]);
    const decision = decideAmong(among, "find a recipe for mushroom soup");
    expect(decision.calls).toMatchObject([{ name: "find_recipe", typed: false }]);
    expect(watched().lone.needOf({ ...decision, confidence: 1 }, among)).toBe("needed");
  });

  it("that answers without a tool needs one", () => {
    expect(watched().lone.needOf(decideAmong(index, "tell me a story about pirates"), index)).toBe("needed");
  });

  it("is audited now and then", () => {
    const { lone, counts } = watched(0.01);
    expect(lone.needOf(decideAmong(index, "17% of 2400"), index)).toBe("audit");
    lone.audited(true);
    expect(counts).toEqual(["agreed"]);
  });
});

describe("drift", () => {
  it("ends lone decisions once the audits contradict the promise, and is told once", () => {
    const { lone, drifts } = watched();
    for (let at = 0; at < 3; at++) lone.audited(false);
    expect(lone.active).toBe(false);
    expect(lone.needOf(decideAmong(index, "17% of 2400"), index)).toBe("needed");
    lone.audited(false);
    expect(drifts()).toBe(1);
  });

  it("is not seen in a disagreement among many agreements", () => {
    const { lone, drifts } = watched();
    for (let at = 0; at < 100; at++) lone.audited(at !== 50);
    expect(lone.active).toBe(true);
    expect(drifts()).toBe(0);
  });
});

it("without a threshold every decision needs a model", () => {
  const lone = new LoneDecisions({
    calibration: { ...calibrationFixture(), skip: null },
    random: () => 0.5,
    counted: () => {},
    drifted: () => {},
  });
  expect(lone.active).toBe(false);
  expect(lone.needOf(decideAmong(index, "17% of 2400"), index)).toBe("needed");
});
