import { problemWith } from "@forerun/evals/judge";
import { createMeanings } from "@forerun/evals/meanings";
import type { RoutingCase } from "@forerun/evals/routing-case";
import type { Comparison } from "@forerun/evals/same-call";
import type { LabelledTurn } from "@forerun/router/calibration/labelled-turn";
import type { ToolDefinition } from "@forerun/router/tier0/tool-definition";
import { ASKED_AT } from "./decide-by-router.ts";
import { readCaseFiles } from "./read-case-files.ts";

/** Eval cases as labelled turns, but those where only a question back is good. Throws FR-E1902 for cases that cannot be read. */
export function labelledCases(paths: readonly string[], tools: readonly ToolDefinition[]): LabelledTurn[] {
  const how = {
    schemas: new Map(tools.map(({ name, input_schema }) => [name, input_schema])),
    meanings: createMeanings(ASKED_AT),
  };
  return readCaseFiles(paths)
    .filter(({ expect }) => expect.action.some((action) => action !== "clarify"))
    .map((one) => labelledCase(one, how));
}

function labelledCase(one: RoutingCase, how: Comparison): LabelledTurn {
  return {
    text: one.text,
    history: one.context,
    askedAt: ASKED_AT,
    tools: undefined,
    wanted: one.expect.calls.map(({ name }) => name),
    isRight: (calls) =>
      problemWith({ action: calls.length > 0 ? "call" : "answer", calls }, one, how) === undefined,
  };
}
