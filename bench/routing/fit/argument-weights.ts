import { visitAlternatives } from "@forerun/router/tier0/arguments/score";
import {
  type Choice,
  fitConditionalLogit,
  type SparseRow,
} from "@forerun/router/tier0/learning/conditional-logit";
import type { Lexicon } from "@forerun/router/tier0/lexicon/lexicon";
import { readParameters } from "@forerun/router/tier0/parameters/parameter";
import { toolStems } from "@forerun/router/tier0/ranking/tool-stems";
import { readUtterance } from "@forerun/router/tier0/spans/utterance";
import { allowedAt } from "../argument-forecasts.ts";
import { CLOCK } from "../ask.ts";
import { sameValue } from "../call-score.ts";
import { questionOf, type RoutingCase } from "../data.ts";

/** Feature → weight. */
export type FittedWeights = Map<string, number>;

/** A parameter whose right value no extractor finds should rather stay empty. */
const UNREACHABLE_WEIGHT = 0.3;
const L2 = 0.001;
const EPOCHS = 300;
/** Smaller weights change no decision worth their place. */
const LEAST_WEIGHT = 0.03;

/** Fits what tier 0 assigns arguments by: each parameter of each single-call case chooses among its candidates and nothing. */
export function fitArgumentWeights(cases: readonly RoutingCase[], lexicon: Lexicon): FittedWeights {
  const names = new Map<string, number>();
  const choices = cases.flatMap((one) => choicesOf(one, lexicon, names));
  const weights = fitConditionalLogit(choices, { features: names.size, l2: L2, epochs: EPOCHS });
  const fitted: FittedWeights = new Map();
  for (const [name, index] of names) {
    const weight = Math.round((weights[index] ?? 0) * 100) / 100;
    if (Math.abs(weight) >= LEAST_WEIGHT) fitted.set(name, weight);
  }
  return fitted;
}

function choicesOf(one: RoutingCase, lexicon: Lexicon, names: Map<string, number>): Choice[] {
  const [expected] = one.expected;
  const tool = one.tools.find((candidate) => candidate.name === expected?.name);
  if (tool === undefined || expected === undefined) return [];
  const utterance = readUtterance(questionOf(one), lexicon, CLOCK);
  const choices: Choice[] = [];
  visitAlternatives(
    readParameters(tool.input_schema, lexicon),
    toolStems(tool),
    utterance,
    (parameter, offered) => {
      const allowed = allowedAt(parameter, expected.arguments);
      const right = offered.map(({ candidate }) =>
        candidate === undefined
          ? allowed.optional
          : allowed.choices.some((choice) => sameValue(candidate.value, choice)),
      );
      const reachable = right.some(Boolean);
      // The last alternative is to give nothing.
      if (!reachable) right[right.length - 1] = true;
      const alternatives = offered.map(({ features }) => sparse(features, names));
      if (alternatives.length > 1)
        choices.push({ alternatives, right, weight: reachable ? 1 : UNREACHABLE_WEIGHT });
    },
  );
  return choices;
}

type Features = (sink: (name: string, value: number) => void) => void;

function sparse(features: Features, names: Map<string, number>): SparseRow {
  const row = new Map<number, number>();
  features((name, value) => {
    const index = names.get(name) ?? names.size;
    names.set(name, index);
    row.set(index, (row.get(index) ?? 0) + value);
  });
  return { features: Int32Array.from(row.keys()), values: Float64Array.from(row.values()) };
}
