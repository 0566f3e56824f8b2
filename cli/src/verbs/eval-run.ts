import { existsSync, readFileSync } from "node:fs";
import { type Baseline, baselineSchema, judgeRun, type Verdict } from "@forerun/evals/baseline";
import { junitXml } from "@forerun/evals/junit";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { ZodError } from "zod";
import type { CommandContext } from "../command-context.ts";
import type { OutputFormat } from "../commands/output-option.ts";
import { type EvalRun, runEvals } from "../evals/run-evals.ts";
import { runJson, showRun } from "../evals/show-run.ts";
import { writeResult } from "../evals/write-result.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { issueText } from "../issue-text.ts";

export type EvalRunInput = {
  paths: readonly string[];
  output: OutputFormat;
  junit?: string;
  baseline?: string;
};

/** Decides cases and compares. Exit code 1 when a case fails that is no known miss, or accuracy fell below the baseline. */
export async function evalRun(
  { paths, output, junit, baseline }: EvalRunInput,
  context: CommandContext,
): Promise<ExitCode> {
  const named = baseline === undefined ? undefined : readBaseline(baseline);
  const run = await runEvals(paths, context);
  const verdict = judged(run, named);
  if (junit !== undefined) writeResult("--junit", junit, junitXml(run.results));
  if (output === "json") context.terminal.result(JSON.stringify(runJson(run, verdict)));
  else showRun(run, verdict, context.terminal);
  if (output === "text")
    context.terminal.say(context.terminal.paint.say.dim("Next  npx forerun eval run -o json"));
  return isBad(run, verdict) ? EXIT.badResult : EXIT.ok;
}

function judged(run: EvalRun, named: Baseline | undefined): Verdict | undefined {
  const baseline = named ?? keptBaseline(run);
  return baseline && judgeRun(run.results, run.accuracies, { baseline, whole: run.whole });
}

/** Of another embedder's decisions there is none. */
function keptBaseline({ router, baseline: file }: EvalRun): Baseline | undefined {
  if (file === undefined || !existsSync(file)) return undefined;
  const kept = readBaseline(file);
  return kept.router === router ? kept : undefined;
}

/** Without a baseline every miss counts. */
function isBad({ results }: EvalRun, verdict: Verdict | undefined): boolean {
  if (verdict) return verdict.regressed.length > 0 || verdict.fallen.length > 0;
  return results.some(({ problem }) => problem !== undefined);
}

function readBaseline(path: string): Baseline {
  try {
    return baselineSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    const cause = error instanceof ZodError ? issueText(error) : (error as Error).message;
    throw new ForerunError(
      "FR-E1801",
      "invalid_argument",
      `--baseline ${path}: ${cause}`,
      "write one by forerun eval baseline",
      { cause: error },
    );
  }
}
