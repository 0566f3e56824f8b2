import { baselineOf } from "@forerun/evals/baseline";
import { ForerunError } from "@forerun/runtime/forerun-error";
import type { CommandContext } from "../command-context.ts";
import { counted } from "../counted.ts";
import { runEvals } from "../evals/run-evals.ts";
import { writeResult } from "../evals/write-result.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";

/** Runs cases and keeps the outcome as the baseline of later runs. */
export async function evalBaseline(
  { paths, to }: { paths: readonly string[]; to?: string },
  context: CommandContext,
): Promise<ExitCode> {
  const { router, results, accuracies, baseline } = await runEvals(paths, context);
  // Part of our cases, or somebody's own, are no baseline for all of ours.
  const file = to ?? (paths.length === 0 ? baseline : undefined);
  if (file === undefined) {
    const cause = "with a model or with cases of your own, a baseline needs a place of its own";
    throw new ForerunError("FR-E1801", "invalid_argument", cause, "name it: --to baseline.json");
  }
  writeResult("--to", file, `${JSON.stringify(baselineOf(router, results, accuracies), null, 2)}\n`);
  const { passed, cases } = accuracies.all;
  context.terminal.say(`${passed} of ${counted(cases, "case")} passed; kept in ${file}`);
  return EXIT.ok;
}
