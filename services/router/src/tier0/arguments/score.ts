import type { Parameter } from "../parameters/parameter.ts";
import type { Utterance } from "../spans/utterance.ts";
import type { Candidate } from "./candidate.ts";
import { candidatesFor } from "./candidates.ts";
import { cueSites } from "./cues.ts";
import { type FeatureSink, kindGroup, noneFeatures, type PairContext, pairFeatures } from "./features.ts";

export type Weights = ReadonlyMap<string, number>;

/** One parameter's alternatives with log-probabilities; `undefined` as candidate means: give nothing. */
export type Scored = Readonly<{ candidate: Candidate | undefined; logP: number }>;

/** Calls `visit` with each alternative and a function that feeds its features to a sink: the scorer's and the fitter's common ground. */
export function visitAlternatives(
  parameters: readonly Parameter[],
  toolStems: ReadonlySet<string>,
  utterance: Utterance,
  visit: (parameter: Parameter, alternatives: readonly Alternative[]) => void,
): void {
  const sites = parameters.map((parameter) => cueSites(parameter, parameters, utterance));
  const ranks = spanRanks(utterance);
  for (const [index, parameter] of parameters.entries()) {
    const candidates = candidatesFor(parameter, utterance);
    const context: PairContext = {
      parameter,
      utterance,
      sites: sites[index] ?? [],
      rivals: sites.flatMap((other, at) => (at === index ? [] : other)),
      toolStems,
      order: orderOf(parameter, parameters),
      spanRanks: ranks.get(kindGroup(parameter)) ?? new Map(),
    };
    const alternatives: Alternative[] = candidates.map((candidate) => ({
      candidate,
      features: (sink) => pairFeatures(context, candidate, sink),
    }));
    const siteCount = context.sites.length;
    alternatives.push({
      candidate: undefined,
      features: (sink) => noneFeatures(parameter, candidates, siteCount, sink),
    });
    visit(parameter, alternatives);
  }
}

export type Alternative = Readonly<{
  candidate: Candidate | undefined;
  features: (sink: FeatureSink) => void;
}>;

/** Softmax over a parameter's candidates and nothing at all; best first. */
export function scoreAlternatives(alternatives: readonly Alternative[], weights: Weights): Scored[] {
  const sums = alternatives.map(({ features }) => {
    let sum = 0;
    features((name, value) => {
      sum += (weights.get(name) ?? 0) * value;
    });
    return sum;
  });
  const highest = Math.max(...sums);
  const total = Math.log(sums.reduce((all, sum) => all + Math.exp(sum - highest), 0)) + highest;
  return alternatives
    .map(({ candidate }, index) => ({ candidate, logP: (sums[index] ?? 0) - total }))
    .sort((a, b) => b.logP - a.logP);
}

function orderOf(parameter: Parameter, all: readonly Parameter[]): { rank: number; of: number } {
  const group = kindGroup(parameter);
  const alike = all.filter((other) => kindGroup(other) === group && !other.closed);
  return { rank: alike.indexOf(parameter), of: alike.length };
}

/** Rank of number spans, and of name-like spans, by their start. */
function spanRanks(utterance: Utterance): Map<string, Map<number, number>> {
  const rank = (starts: readonly number[]): Map<number, number> =>
    new Map([...new Set(starts)].sort((a, b) => a - b).map((start, index) => [start, index]));
  const numbers = utterance.numbers().filter((span) => !span.embedded);
  const texts = [
    ...utterance.quotes(),
    ...utterance.codes(),
    ...utterance.names().filter((span) => !span.sentenceStart),
  ];
  return new Map([
    ["num", rank(numbers.map((span) => span.start))],
    ["str", rank(texts.map((span) => span.start))],
  ]);
}
