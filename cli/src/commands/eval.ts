import type { Command } from "commander";
import type { Execute } from "../command-context.ts";
import { type OutputFormat, outputOption } from "./output-option.ts";
import { withExamples } from "./with-examples.ts";

type EvalRunOptions = { output: OutputFormat; junit?: string; baseline?: string };

export function addEvalCommands(program: Command, execute: Execute): void {
  const group = program.command("eval").description("measure how good decisions are").helpCommand(false);
  withExamples(group, ["npx forerun eval run", "npx forerun eval run cases.yaml -o json"]);
  addRun(group, execute);
  addBaseline(group, execute);
}

function addRun(group: Command, execute: Execute): void {
  const run = group
    .command("run")
    .description("decide cases with the router as it is configured, run no tool, and compare")
    .argument("[paths...]", "case files or folders; the built-in tools' own cases when left out")
    .addOption(outputOption("text", "json"))
    .option("--junit <file>", "write the results as JUnit XML too")
    .option("--baseline <file>", "known misses and figures to hold the run against")
    .action((paths: string[], options: EvalRunOptions) =>
      execute(async () => (await import("../verbs/eval-run.ts")).evalRun, { paths, ...options }),
    );
  withExamples(run, [
    "npx forerun eval run --junit report.xml",
    "MODEL_URL=http://localhost:11434/v1 MODEL=small npx forerun eval run -o json",
  ]);
}

function addBaseline(group: Command, execute: Execute): void {
  const baseline = group
    .command("baseline")
    .description("run cases and keep the outcome as what later runs are held against")
    .argument("[paths...]", "case files or folders; the built-in tools' own cases when left out")
    .option("--to <file>", "where to write it; the place that eval run reads when left out")
    .action((paths: string[], options: { to?: string }) =>
      execute(async () => (await import("../verbs/eval-baseline.ts")).evalBaseline, { paths, ...options }),
    );
  withExamples(baseline, [
    "npx forerun eval baseline",
    "npx forerun eval baseline cases.yaml --to mine.json",
  ]);
}
