import { fileURLToPath } from "node:url";
import { type Accuracies, accuracyOf } from "@forerun/evals/accuracy";
import { type CaseResult, runCases } from "@forerun/evals/run-cases";
import type { CommandContext } from "../command-context.ts";
import { progressLine } from "../progress-line.ts";
import { startRouting } from "../stack.ts";
import { comparisonOf, decideByRouter } from "./decide-by-router.ts";
import { readCaseFiles } from "./read-case-files.ts";

export type EvalRun = Readonly<{
  results: readonly CaseResult[];
  accuracies: Accuracies;
  /** All of the built-in tools' own cases were run. */
  whole: boolean;
  /** Who decided, for a person. */
  router: string;
  /** Where this router's baseline over our own cases is kept; undefined with a model, whose decisions vary. */
  baseline: string | undefined;
}>;

const OWN_CASES = fileURLToPath(new URL("../../../evals/routing", import.meta.url));
const BASELINES = fileURLToPath(new URL("../../../evals/baselines", import.meta.url));
/** Cases that wait for a model side by side. */
const AT_ONCE = 4;

/** Decides cases with the router of this configuration, in this process. Throws FR-E1902 for cases that cannot be read. */
export async function runEvals(paths: readonly string[], context: CommandContext): Promise<EvalRun> {
  const cases = readCaseFiles(paths.length > 0 ? paths : [OWN_CASES]);
  const { env, terminal, interrupt } = context;
  await using routing = await startRouting({ LOG_LEVEL: "warn", ...env });
  const how = await comparisonOf(routing);
  const decide = (one: (typeof cases)[number]) => decideByRouter(routing, one, interrupt);
  const results: CaseResult[] = [];
  const begun = performance.now();
  for await (const result of runCases(cases, decide, { how, atOnce: AT_ONCE, signal: interrupt })) {
    results.push(result);
    terminal.progress(progressLine({ done: results.length, of: cases.length, begun, unit: "cases" }));
  }
  terminal.progress("");
  interrupt.throwIfAborted();
  const { model, embedder } = routing;
  const meaning = embedder === null ? "" : `, ${embedder}`;
  return {
    results,
    accuracies: accuracyOf(results),
    whole: paths.length === 0,
    router: `${model ?? "tier 0"}${meaning}`,
    baseline:
      model === null ? `${BASELINES}/routing${embedder === null ? "" : "-by-meaning"}.json` : undefined,
  };
}
