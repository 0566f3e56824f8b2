import { readFileSync, statSync } from "node:fs";
import type { LabelledTurn } from "@forerun/router/calibration/labelled-turn";
import { parseLabelledLine } from "@forerun/router/calibration/parse-labelled-line";
import type { ToolDefinition } from "@forerun/router/tier0/tool-definition";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { ZodError } from "zod";
import { issueText } from "../issue-text.ts";
import { labelledCases } from "./labelled-cases.ts";

const MOST_FAULTS = 10;

/** The turns of files: JSON lines, and eval cases. Throws FR-E1904 with the places of lines that are none, FR-E1902 for cases. */
export function readLabelledTurns(
  files: readonly string[],
  tools: readonly ToolDefinition[],
): LabelledTurn[] {
  const cases = files.filter(holdsCases);
  const lines = files.filter((file) => !holdsCases(file));
  return [...readLines(lines, tools), ...(cases.length > 0 ? labelledCases(cases, tools) : [])];
}

function holdsCases(path: string): boolean {
  return /\.ya?ml$/.test(path) || statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function readLines(files: readonly string[], tools: readonly ToolDefinition[]): LabelledTurn[] {
  const turns: LabelledTurn[] = [];
  const faults: string[] = [];
  for (const file of files) {
    for (const [at, line] of linesOf(file).entries()) {
      if (line.trim() === "") continue;
      try {
        turns.push(parseLabelledLine(line, tools));
      } catch (error) {
        const problem = error instanceof ZodError ? issueText(error) : (error as Error).message;
        faults.push(`${file}:${at + 1}: ${problem}`);
      }
    }
  }
  if (faults.length > 0) throw unreadable(faults.slice(0, MOST_FAULTS).join("\n  "));
  if (turns.length === 0 && files.length > 0) throw unreadable(`${files.join(", ")}: no turns`);
  return turns;
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n");
  } catch (error) {
    throw unreadable((error as Error).message);
  }
}

function unreadable(problem: string): ForerunError {
  return new ForerunError(
    "FR-E1904",
    "invalid_argument",
    problem,
    'expected lines such as {"text":"17% of 2400","expected":[{"name":"calculator","arguments":{"expression":"17% of 2400"}}]}',
  );
}
