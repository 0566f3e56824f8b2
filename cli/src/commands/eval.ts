import { type Command, InvalidArgumentError, Option } from "commander";
import type { Execute } from "../command-context.ts";
import { type OutputFormat, outputOption } from "./output-option.ts";
import { withExamples } from "./with-examples.ts";

type EvalCalibrateOptions = {
  fromTurns?: number;
  tools?: string;
  out?: string;
  precision: number;
  outOfScope?: number;
  output: OutputFormat;
};
type EvalRunOptions = { output: OutputFormat; junit?: string; baseline?: string };

export function addEvalCommands(program: Command, execute: Execute): void {
  const group = program.command("eval").description("measure how good decisions are").helpCommand(false);
  withExamples(group, ["npx forerun eval run", "npx forerun eval run cases.yaml -o json"]);
  addRun(group, execute);
  addBaseline(group, execute);
  addCalibrate(group, execute);
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

function addCalibrate(group: Command, execute: Execute): void {
  const calibrate = group
    .command("calibrate")
    .description("fit the router without a model to labelled turns, and when it may decide alone")
    .argument("[files...]", "labelled turns: JSON lines, or eval cases (.yaml)")
    .addOption(
      new Option("--from-turns [most]", "what a model decided in the newest turns")
        .preset("10000")
        .argParser(parseCount),
    )
    .option("--tools <file>", "a JSON array of tools in place of those in use")
    .option("--out <file>", "where to write it; DATA_DIR/calibration.json if left out")
    .option("--precision <share>", "share of right decisions to promise", parseShare, 0.98)
    .option("--out-of-scope <share>", "live turns that want no tool; as labelled when left out", parseShare)
    .addOption(outputOption("text", "json"))
    .action((files: string[], options: EvalCalibrateOptions) =>
      execute(async () => (await import("../verbs/eval-calibrate.ts")).evalCalibrate, { files, ...options }),
    );
  withExamples(calibrate, [
    "npx forerun eval calibrate --from-turns",
    "npx forerun eval calibrate turns.jsonl --out-of-scope 0.2 --precision 0.99",
  ]);
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("expected a whole number above 0");
}

function parseShare(text: string): number {
  const share = Number(text);
  if (text.trim() !== "" && share >= 0 && share < 1) return share;
  throw new InvalidArgumentError("expected a share such as 0.2");
}
