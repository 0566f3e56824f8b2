import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { MODEL_POLICY_VERSION } from "./decide.ts";
import { decisionSchema } from "./decision-schema.ts";
import { createModelCatalog } from "./model-catalog.ts";
import { routePrompt } from "./route-prompt.ts";
import type { RouteQuestion } from "./route-question.ts";

const TOOL = {
  name: "convert",
  description: "Converts an amount.",
  input_schema: { type: "object", properties: { amount: { type: "number" }, to: { enum: ["EUR", "NOK"] } } },
  output_schema: { type: "object", properties: { amount: { type: "number", description: "Rounded." } } },
  examples: [{ text: "5 in euros", arguments: { amount: 5, to: "EUR" } }],
};

const QUESTION: RouteQuestion = {
  text: "5 in euros?",
  history: [{ role: "user", content: "hi" }],
  earlierCalls: [
    { callId: "c1", name: "convert", arguments: {}, result: { kind: "output", output: { amount: 1 } } },
    { callId: "c2", name: "convert", arguments: {}, result: { kind: "failure", message: "no rate" } },
  ],
  candidates: ["convert"],
  toolChoice: "auto",
  maxToolCalls: 8,
  mayEscalate: false,
  carriesAnswer: false,
  now: "2026-01-02T03:04:05Z",
  timeZone: "UTC",
};

/** Every kind of question that a model is asked. */
const KINDS: readonly Partial<RouteQuestion>[] = [
  {},
  { mayEscalate: true },
  { carriesAnswer: true },
  { carriesAnswer: true, maxToolCalls: 0 },
  { toolChoice: "required", earlierCalls: [] },
];

it("has one policy version for one prompt and schema: who changes these raises it", () => {
  const catalog = createModelCatalog([TOOL]);
  const asked = KINDS.map((kind) => {
    const question = { ...QUESTION, ...kind };
    const tools = question.maxToolCalls > 0 ? ["convert"] : [];
    return [routePrompt(question, catalog, tools), decisionSchema(question, catalog, tools)];
  });
  const digest = createHash("sha256").update(JSON.stringify(asked)).digest("hex").slice(0, 12);
  expect([MODEL_POLICY_VERSION, digest]).toEqual(["model-3", "105b93e5e9e4"]);
});
