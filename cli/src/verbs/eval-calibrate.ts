import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Calibration } from "@forerun/router/calibration/calibration";
import { fitCalibration } from "@forerun/router/calibration/fit-calibration";
import type { LabelledTurn } from "@forerun/router/calibration/labelled-turn";
import { createPrior } from "@forerun/router/tier0/decision/prior";
import { readEnv } from "@forerun/runtime/config";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import { ForerunError } from "@forerun/runtime/forerun-error";
import type { CommandContext } from "../command-context.ts";
import type { OutputFormat } from "../commands/output-option.ts";
import { readLabelledTurns } from "../evals/read-labelled-turns.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { routingTools } from "../routing-tools.ts";
import type { Terminal } from "../terminal.ts";

export type EvalCalibrateInput = {
  files: readonly string[];
  tools?: string;
  out?: string;
  precision: number;
  outOfScope?: number;
  output: OutputFormat;
};

/** Fits tier 0 to labelled turns and writes the calibration that the router loads at its next start. */
export async function evalCalibrate(
  { files, tools: toolsFile, out, precision, outOfScope, output }: EvalCalibrateInput,
  { env, terminal }: CommandContext,
): Promise<ExitCode> {
  const tools = await routingTools(toolsFile);
  const turns = readLabelledTurns(files, tools);
  checkKinds(turns, outOfScope);
  const calibration = await fitCalibration(turns, {
    prior: createPrior(),
    tools,
    clock: { now: new Date(), timeZone: "UTC" },
    outOfScopeShare: outOfScope,
    promised: precision,
  });
  const { DATA_DIR: folder } = readEnv(ENVIRONMENT.pick({ DATA_DIR: true }), env);
  const path = out ?? join(folder, "calibration.json");
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(calibration, null, 2)}\n`);
  if (output === "json") terminal.result(JSON.stringify(calibration));
  else show(calibration, precision, terminal);
  terminal.say(`wrote ${path}; the router reads it at its next start`);
  return EXIT.ok;
}

/** Without turns of both kinds nothing can be said of one of them. */
function checkKinds(turns: readonly LabelledTurn[], outOfScope: number | undefined): void {
  const without = turns.filter(({ wanted }) => wanted.length === 0).length;
  const missing = without === 0 ? "want no tool" : without === turns.length ? "want a tool" : undefined;
  if (missing === undefined) return;
  throw new ForerunError(
    "FR-E1904",
    "invalid_argument",
    `of ${turns.length} labelled turns none ${missing}${outOfScope === undefined ? "" : `, and ${outOfScope} of live ones are expected out of scope`}`,
    'add turns of that kind: {"text":"…","expected":[]} wants no tool',
  );
}

function show(calibration: Calibration, precision: number, terminal: Terminal): void {
  const { turns, skip, calibration_error: error, out_of_scope_share: share } = calibration;
  const all = turns.in_scope + turns.out_of_scope;
  terminal.result(
    `turns                 ${all}, ${turns.out_of_scope} of them out of scope, weighted to ${percent(share)} of live ones`,
  );
  terminal.result(
    `calibration error     ${percent(error)} (mean gap of probability and frequency, turns not fitted to)`,
  );
  terminal.result(`promised precision    ${percent(precision)}, with 95 % confidence`);
  if (skip === null) {
    terminal.result("decided alone         never: no threshold keeps the promise on these turns");
    return;
  }
  terminal.result(`threshold             ${skip.threshold.toFixed(4)}`);
  terminal.result(
    `precision above it    ${percent(skip.precision)} seen, at least ${percent(skip.lower_bound)}`,
  );
  terminal.result(`decided alone         ${percent(skip.coverage)} of turns`);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
