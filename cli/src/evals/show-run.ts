import type { Accuracy } from "@forerun/evals/accuracy";
import type { Verdict } from "@forerun/evals/baseline";
import type { CaseResult } from "@forerun/evals/run-cases";
import type { Terminal } from "../terminal.ts";
import type { EvalRun } from "./run-evals.ts";

/** The misses with what was expected, accuracy by kind, and what changed against the baseline. */
export function showRun(
  { results, accuracies, router }: EvalRun,
  verdict: Verdict | undefined,
  terminal: Terminal,
): void {
  const { red, dim } = terminal.paint.result;
  for (const result of results.filter(isMiss)) {
    const { id, text, expect } = result.case;
    terminal.result(`${red("✕")} ${id}  ${result.problem}: "${text}"`);
    if (result.got) terminal.result(dim(`    got       ${calledText(result.got)}`));
    terminal.result(dim(`    expected  ${calledText({ ...expect, action: expect.action.join(" or ") })}`));
  }
  terminal.result(`${"kind".padEnd(16)}${"passed".padStart(9)}   accuracy   90 % interval`);
  for (const [kind, accuracy] of Object.entries(accuracies.kinds)) terminal.result(figure(kind, accuracy));
  terminal.result(`${figure("all", accuracies.all)}   by ${router}`);
  if (verdict) showVerdict(verdict, terminal);
}

function showVerdict({ regressed, fixed, fallen }: Verdict, { result, paint }: Terminal): void {
  const { red, green } = paint.result;
  if (regressed.length > 0) result(red(`✕ regressed: ${regressed.join(", ")}`));
  for (const fall of fallen) result(red(`✕ accuracy fell: ${fall}`));
  if (fixed.length > 0)
    result(green(`✓ no longer missed: ${fixed.join(", ")}; forerun eval baseline renews the baseline`));
}

/** The same for programs; `verdict` is null where there was no baseline. */
export function runJson({ results, accuracies, router }: EvalRun, verdict: Verdict | undefined): object {
  const { all, kinds } = accuracies;
  const failed = results.filter(isMiss).map(({ case: { id, text, tags, expect }, got, problem }) => {
    return { id, text, tags, problem, got: got ?? null, expected: expect };
  });
  return { version: 1, router, ...all, kinds, failed, verdict: verdict ?? null };
}

function isMiss({ problem }: CaseResult): boolean {
  return problem !== undefined;
}

type Shown = Readonly<{ action: string; calls: readonly { name: string; arguments?: object | undefined }[] }>;

function calledText({ action, calls }: Shown): string {
  if (calls.length === 0) return action;
  return calls.map(({ name, arguments: args }) => `${name} ${JSON.stringify(args ?? {})}`).join(" + ");
}

function figure(name: string, { passed, cases, accuracy, lower, upper }: Accuracy): string {
  const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
  const counts = `${passed}/${cases}`.padStart(9);
  const range = `${(lower * 100).toFixed(0)} to ${(upper * 100).toFixed(0)} %`;
  return `${name.padEnd(16)}${counts}${percent(accuracy).padStart(11)}${range.padStart(15)}`;
}
