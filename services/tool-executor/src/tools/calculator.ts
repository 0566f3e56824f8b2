import { defineTool, type Tool, ToolFailure } from "@forerun/toolkit";
import { z } from "zod";
import type { BoundedEvaluation, ExpressionEvaluator } from "../calculator/expression-evaluator.ts";
import { MAX_EXPRESSION } from "../calculator/restricted-math.ts";

const INPUT = z.strictObject({
  expression: z
    .string()
    .min(1)
    .max(MAX_EXPRESSION)
    .describe('Arithmetic, for example "12 * (3 + 4)", "17% of 2400" or "sqrt(2)^3".'),
});

const OUTPUT = z.strictObject({
  expression: z.string(),
  result: z.number().nullable().describe("The value; null where a double cannot hold it."),
  display: z.string().describe("The value as people write it."),
});

/** Arithmetic in a thread with limits of time and memory. */
export function calculator(evaluator: ExpressionEvaluator): Tool {
  return defineTool({
    name: "calculator",
    description:
      "Calculates an arithmetic expression exactly: sums, percentages, powers, roots, logarithms, trigonometry.",
    effect: "pure",
    input: INPUT,
    output: OUTPUT,
    examples: [
      { text: "what is 17% of 2400?", arguments: { expression: "17% of 2400" } },
      { text: "calculate 12 * (3 + 4)", arguments: { expression: "12 * (3 + 4)" } },
      { text: "square root of 2", arguments: { expression: "square root of 2" } },
      { text: "how much is 3.5 times 18 minus 4", arguments: { expression: "3.5 times 18 minus 4" } },
      { text: "compute 2^10 / 3", arguments: { expression: "2^10 / 3" } },
      { text: "what's 1299 divided by 12", arguments: { expression: "1299 divided by 12" } },
      { text: "20% off 85", arguments: { expression: "20% off 85" } },
      { text: "add 45 and 78", arguments: { expression: "45 + 78" } },
    ],
    // The evaluator has a limit of its own; this one leaves room for a thread that starts on a busy machine.
    timeoutMs: 10_000,
    cacheTtlMs: 3_600_000,
    async run({ expression }, { signal }) {
      const { result, display } = settled(expression, await evaluator.evaluate(expression, signal));
      return { expression, result, display };
    },
    render: ({ expression, display }) => `${expression.trim().replace(/[\s=?]+$/, "")} = ${display}`,
  });
}

function settled(
  expression: string,
  evaluation: BoundedEvaluation,
): { result: number | null; display: string } {
  switch (evaluation.kind) {
    case "value":
      return evaluation;
    case "refused":
      throw new ToolFailure("invalid_arguments", `"${expression.slice(0, 100)}": ${evaluation.problem}.`);
    case "exceeded":
      throw new ToolFailure(
        "failed",
        `"${expression.slice(0, 100)}" takes more ${evaluation.limit} than a calculation may.`,
      );
    case "stopped":
      throw new ToolFailure("failed", "the calculation was stopped.");
    default:
      return evaluation satisfies never;
  }
}
