import fc from "fast-check";
import { expect, it } from "vitest";
import { parseDecision } from "./decision-json.ts";
import { judgeDecision } from "./judge-decision.ts";
import { createModelCatalog } from "./model-catalog.ts";
import { NO_MODEL_USAGE } from "./model-decision.ts";
import type { RouteQuestion } from "./route-question.ts";

const schema = {
  type: "object",
  properties: { n: { type: "integer", minimum: 0, maximum: 9 }, unit: { enum: ["m", "ft"] } },
  required: ["n"],
  additionalProperties: false,
};
const TOOLS = ["length", "height", "secret"].map((name) => ({ name, description: "", input_schema: schema }));
const catalog = createModelCatalog(TOOLS);

const QUESTION: RouteQuestion = {
  text: "?",
  history: [],
  earlierCalls: [{ callId: "c7", name: "length", arguments: {}, result: { kind: "output", output: 1 } }],
  candidates: ["length", "height"],
  toolChoice: "auto",
  maxToolCalls: 8,
  mayEscalate: false,
  carriesAnswer: false,
  now: "",
  timeZone: "",
};

const value = fc.oneof(
  fc.integer({ min: -2, max: 11 }),
  fc.constantFrom("m", "$c1", "$c2.n", "$c7.x[0]", "$c99", "$$c1", "$", null, true),
  fc.jsonValue({ maxDepth: 2 }),
);
const call = fc.record(
  {
    id: fc.constantFrom("c1", "c2", "c3", "c7", "x", "c1"),
    tool: fc.constantFrom("length", "height", "secret", "teleport", "__proto__"),
    args: fc.dictionary(fc.constantFrom("n", "unit", "other"), value, { maxKeys: 3 }),
  },
  { requiredKeys: ["tool"] },
);
const decision = fc.record({ action: fc.constant("call"), calls: fc.array(call, { maxLength: 12 }) });

it("lets nothing through that may not run, whatever a model writes", () => {
  fc.assert(
    fc.property(decision, (written) => {
      const parsed = parseDecision(JSON.stringify(written));
      if (parsed.kind === "unusable") return;
      const judged = judgeDecision(parsed.decision, QUESTION, catalog, NO_MODEL_USAGE);
      if (judged.kind !== "decided") {
        expect(judged).toMatchObject({ kind: "unusable", reason: expect.stringMatching(/^\w+: /) });
        return;
      }
      const before = new Set(["c7"]);
      for (const { callId } of judged.calls) before.delete(callId);
      for (const { callId, name, arguments: args, dependsOn } of judged.calls) {
        expect(QUESTION.candidates).toContain(name);
        if (dependsOn.length === 0) expect(catalog.problemOf(name, args)).toBeUndefined();
        for (const id of dependsOn) expect(before).toContain(id);
        expect(before).not.toContain(callId);
        before.add(callId);
      }
      expect(judged.calls.length).toBeGreaterThan(0);
      expect(judged.calls.length).toBeLessThanOrEqual(QUESTION.maxToolCalls);
      expect(judged.calls.length < parsed.decision.calls.length || judged.refusals.length === 0).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});
