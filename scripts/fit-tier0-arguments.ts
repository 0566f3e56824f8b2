/**
 * Fits the weights that tier 0 assigns arguments by: a conditional logit over each parameter's candidates and "nothing",
 * on the public single-call sets and utterances of our own. `node --import tsx scripts/fit-tier0-arguments.ts [--half even|odd] [--out FILE]`
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { visitAlternatives } from "@forerun/router/tier0/arguments/score";
import { buildLexicon } from "@forerun/router/tier0/lexicon/lexicon";
import { type Parameter, readParameters } from "@forerun/router/tier0/parameters/parameter";
import { toolStems } from "@forerun/router/tier0/ranking/tool-stems";
import { readUtterance } from "@forerun/router/tier0/spans/utterance";
import type { Json } from "@forerun/router/tier0/tool-definition";
import { isOptional, sameValue } from "../bench/routing/call-score.ts";
import { questionOf, type RoutingCase, readCases } from "../bench/routing/data.ts";
import { allowedArguments, ownUtterances } from "../bench/routing/own-utterances.ts";

type Row = { features: Int32Array; values: Float64Array };
type Instance = { rows: Row[]; right: boolean[]; weight: number };

const FILES = ["bfcl_simple_python.jsonl", "bfcl_live_simple.jsonl"];
/** A parameter whose right value no extractor finds should rather stay empty. */
const UNREACHABLE_WEIGHT = 0.3;
const CLOCK = { now: new Date("2024-03-01T12:00:00Z"), timeZone: "UTC" };

const { values: flags } = parseArgs({
  options: {
    half: { type: "string" },
    out: { type: "string" },
    l2: { type: "string", default: "0.01" },
    epochs: { type: "string", default: "300" },
  },
});

const names = new Map<string, number>();
const lexicon = buildLexicon();

function instancesOf(one: RoutingCase): Instance[] {
  const expected = one.expected[0];
  const tool = one.tools.find((candidate) => candidate.name === expected?.name);
  if (tool === undefined || expected === undefined) return [];
  const parameters = readParameters(tool.input_schema, lexicon);
  const utterance = readUtterance(questionOf(one), lexicon, CLOCK);
  const found: Instance[] = [];
  visitAlternatives(parameters, toolStems(tool), utterance, (parameter, alternatives) => {
    const allowed = allowedAt(parameter, expected.arguments);
    const right = alternatives.map(({ candidate }) =>
      candidate === undefined
        ? allowed.optional
        : allowed.choices.some((choice) => sameValue(candidate.value, choice)),
    );
    const reachable = right.some(Boolean);
    if (!reachable) right[right.length - 1] = true;
    const rows = alternatives.map(({ features }) => collect(features));
    if (rows.length > 1) found.push({ rows, right, weight: reachable ? 1 : UNREACHABLE_WEIGHT });
  });
  return found;
}

function collect(features: (sink: (name: string, value: number) => void) => void): Row {
  const row = new Map<number, number>();
  features((name, value) => {
    const index = names.get(name) ?? names.size;
    names.set(name, index);
    row.set(index, (row.get(index) ?? 0) + value);
  });
  return { features: Int32Array.from(row.keys()), values: Float64Array.from(row.values()) };
}

function allowedAt(
  parameter: Parameter,
  args: Readonly<Record<string, readonly Json[]>>,
): { choices: Json[]; optional: boolean } {
  let choices: readonly Json[] | undefined = args[parameter.path[0] ?? ""];
  for (const key of parameter.path.slice(1)) {
    const objects: readonly Json[] = choices ?? [];
    const inner = objects.flatMap((choice) => {
      const value =
        typeof choice === "object" && choice !== null && !Array.isArray(choice) ? choice[key] : undefined;
      return value === undefined ? [] : Array.isArray(value) ? value : [value];
    });
    choices = inner.length > 0 ? inner : undefined;
  }
  return {
    choices: (choices ?? []).filter((choice) => choice !== ""),
    optional: choices === undefined || isOptional(choices),
  };
}

/** Adam on the whole set: small enough, and the order of the data does not matter. */
function fitWeights(instances: readonly Instance[], l2: number, epochs: number): Float64Array {
  const size = names.size;
  const weights = new Float64Array(size);
  const mean = new Float64Array(size);
  const square = new Float64Array(size);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const gradient = gradientOf(instances, weights);
    for (let i = 0; i < size; i++) {
      const g = (gradient[i] ?? 0) / instances.length + (l2 * (weights[i] ?? 0)) / 10;
      mean[i] = 0.9 * (mean[i] ?? 0) + 0.1 * g;
      square[i] = 0.999 * (square[i] ?? 0) + 0.001 * g * g;
      const step =
        (mean[i] ?? 0) / (1 - 0.9 ** epoch) / (Math.sqrt((square[i] ?? 0) / (1 - 0.999 ** epoch)) + 1e-8);
      weights[i] = (weights[i] ?? 0) - 0.05 * step;
    }
  }
  return weights;
}

function gradientOf(instances: readonly Instance[], weights: Float64Array): Float64Array {
  const gradient = new Float64Array(weights.length);
  for (const { rows, right, weight } of instances) {
    const all = softmax(rows.map((row) => dot(row, weights)));
    const mass = all.reduce((sum, p, index) => sum + (right[index] ? p : 0), 0);
    for (const [index, row] of rows.entries()) {
      const p = all[index] ?? 0;
      const push = weight * (p - (right[index] ? p / Math.max(mass, 1e-12) : 0));
      for (let j = 0; j < row.features.length; j++) {
        const feature = row.features[j] ?? 0;
        gradient[feature] = (gradient[feature] ?? 0) + push * (row.values[j] ?? 0);
      }
    }
  }
  return gradient;
}

function dot(row: Row, weights: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < row.features.length; j++)
    sum += (weights[row.features[j] ?? 0] ?? 0) * (row.values[j] ?? 0);
  return sum;
}

function softmax(sums: readonly number[]): number[] {
  const highest = Math.max(...sums);
  const powers = sums.map((sum) => Math.exp(sum - highest));
  const total = powers.reduce((all, power) => all + power, 0);
  return powers.map((power) => power / total);
}

const instances = FILES.flatMap((file) => readCases(file) ?? [])
  .filter((_, index) => flags.half === undefined || index % 2 === (flags.half === "even" ? 0 : 1))
  .flatMap(instancesOf);
for (const one of ownUtterances()) {
  if (one.tool === undefined) continue;
  const expected = [{ name: one.tool.name, arguments: allowedArguments(one) }];
  const messages = [{ role: "user", content: one.text }];
  instances.push(...instancesOf({ id: one.text, messages, tools: [one.tool], expected }));
}
const weights = fitWeights(instances, Number(flags.l2), Number(flags.epochs));
const lines = [...names].flatMap(([name, index]) => {
  const weight = Math.round((weights[index] ?? 0) * 100) / 100;
  return weight === 0 ? [] : [`  ${JSON.stringify(name)}: ${weight},`];
});
const body = [
  "/** Weights of tier 0's argument features, fitted on public sets by scripts/fit-tier0-arguments.ts. Generated: fit again instead of editing. */",
  "export const ARGUMENT_WEIGHTS: Readonly<Record<string, number>> = {",
  ...lines.sort(),
  "};",
  "",
].join("\n");
writeFileSync(
  flags.out ?? new URL("../services/router/src/tier0/prior/argument-weights.ts", import.meta.url),
  body,
);
const reachable = instances.filter((one) => one.weight === 1).length;
console.log(`${instances.length} parameters, ${reachable} reachable, ${lines.length} weights`);
