import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { openEmbedder } from "@forerun/embeddings/open-embedder";
import { readEmbeddings } from "@forerun/embeddings/settings";
import type { Calibration } from "@forerun/router/calibration/calibration";
import { fitCalibration } from "@forerun/router/calibration/fit-calibration";
import type { LabelledTurn } from "@forerun/router/calibration/labelled-turn";
import { toolDefinition } from "@forerun/router/clients";
import { createPrior } from "@forerun/router/tier0/decision/prior";
import type { ToolDefinition } from "@forerun/router/tier0/tool-definition";
import { readEnv } from "@forerun/runtime/config";
import { DEFAULT_CONFIG_FILE, readConfigFile } from "@forerun/runtime/config-file";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import { ForerunError } from "@forerun/runtime/forerun-error";
import type { CommandContext } from "../command-context.ts";
import type { OutputFormat } from "../commands/output-option.ts";
import { counted } from "../counted.ts";
import { readLabelledTurns } from "../evals/read-labelled-turns.ts";
import { readTurnLabels, type TurnLabels } from "../evals/read-turn-labels.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { type Reach, reach } from "../reach.ts";
import { routingTools } from "../routing-tools.ts";
import type { Terminal } from "../terminal.ts";

export type EvalCalibrateInput = {
  files: readonly string[];
  /** Label so many of the newest turns by what a model decided in them. */
  fromTurns?: number;
  tools?: string;
  out?: string;
  precision: number;
  outOfScope?: number;
  output: OutputFormat;
};

/** Fits tier 0, as it ranks with this configuration, to labelled turns and writes the calibration that the router loads at its next start. */
export async function evalCalibrate(input: EvalCalibrateInput, context: CommandContext): Promise<ExitCode> {
  const { out, precision, outOfScope, output } = input;
  const { env, terminal, interrupt } = context;
  const { turns, tools } = await labelledTurns(input, context);
  checkKinds(turns, outOfScope);
  await using embedder = await openEmbedder(
    readEmbeddings(env, readConfigFile(env.CONFIG?.trim() || DEFAULT_CONFIG_FILE)),
  );
  const calibration = await fitCalibration(turns, {
    prior: createPrior(),
    tools,
    embedder,
    clock: { now: new Date(), timeZone: "UTC" },
    outOfScopeShare: outOfScope,
    promised: precision,
    signal: interrupt,
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

type Labelled = Readonly<{ turns: readonly LabelledTurn[]; tools: readonly ToolDefinition[] }>;

/** With turns of a server its tools are those to decide on, unless a file names others. */
async function labelledTurns(
  { files, fromTurns, tools: toolsFile }: EvalCalibrateInput,
  context: CommandContext,
): Promise<Labelled> {
  if (fromTurns === undefined) {
    if (files.length === 0) throw nothingLabelled();
    const tools = await routingTools(toolsFile);
    return { turns: readLabelledTurns(files, tools), tools };
  }
  await using server = await reach(context);
  const tools = toolsFile === undefined ? await toolsOf(server) : await routingTools(toolsFile);
  const { terminal } = context;
  const labels = await readTurnLabels(server, { most: fromTurns, tools, terminal });
  terminal.say(turnLabelsText(labels));
  return { turns: [...labels.turns, ...readLabelledTurns(files, tools)], tools };
}

const LIST_MS = 10_000;

async function toolsOf({ tools, callerOptions }: Reach): Promise<ToolDefinition[]> {
  const listed = await tools.listTools({}, { ...callerOptions(), timeoutMs: LIST_MS });
  return listed.tools.map(toolDefinition);
}

function turnLabelsText({ turns, read, left }: TurnLabels): string {
  const reasons = [...left].sort(([, a], [, b]) => b - a).map(([why, count]) => `${count} ${why}`);
  const taken = `took ${turns.length} of ${counted(read, "turn")} as labels`;
  return reasons.length === 0 ? taken : `${taken}; left ${reasons.join(", ")}`;
}

function nothingLabelled(): ForerunError {
  return new ForerunError(
    "FR-E1904",
    "invalid_argument",
    "there is nothing to learn from",
    "name files of labelled turns, or --from-turns for what a model decided in turns",
  );
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
  const { turns, embedder, skip, calibration_error: error, out_of_scope_share: share } = calibration;
  const all = turns.in_scope + turns.out_of_scope;
  terminal.result(
    `turns                 ${all}, ${turns.out_of_scope} of them out of scope, weighted to ${percent(share)} of live ones`,
  );
  terminal.result(`ranked by             ${embedder === null ? "words" : `words and meaning, ${embedder}`}`);
  terminal.result(
    `calibration error     ${percent(error)} (mean gap of probability and frequency, turns not fitted to)`,
  );
  if (calibration.arguments_error !== null)
    terminal.result(
      `  of arguments        ${percent(calibration.arguments_error)} (of calls of the wanted tools)`,
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
