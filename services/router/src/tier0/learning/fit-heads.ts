import {
  CHOICE_FEATURES,
  choiceProbabilities,
  type Features,
  type Heads,
  type HeadWeights,
} from "../decision/heads.ts";
import { type Choice, fitConditionalLogit, type SparseRow } from "./conditional-logit.ts";

/** One turn as the heads see it: its drafts, likeliest first, and which of them was wanted. */
export type LabelledDrafts = Readonly<{
  drafts: readonly Features[];
  /** Place of the wanted draft; undefined when none of them was. */
  wanted: number | undefined;
  weight: number;
}>;

export type HeadFit = Readonly<{
  /** Heads to start from and to stay near: the fewer turns, the nearer. */
  centre: Heads;
  l2: number;
}>;

const EPOCHS = 600;
const NOTHING: SparseRow = { features: new Int32Array(0), values: new Float64Array(0) };

/** Fits both heads: of turns that want one of their drafts, which; and whether a turn wants the draft that leads by that. */
export function fitHeads(turns: readonly LabelledDrafts[], { centre, l2 }: HeadFit): Heads {
  const choice = fit(turns.flatMap(choiceAmongDrafts), CHOICE_FEATURES, centre.choice, l2);
  const scopeNames = [...new Set([...Object.keys(centre.scope), ...featureNames(turns)])];
  const scoped = turns.flatMap(({ drafts, wanted, weight }): Choice[] => {
    const chances = choiceProbabilities(drafts, choice);
    const leader = drafts[chances.indexOf(Math.max(...chances))];
    if (leader === undefined) return [];
    const right = wanted !== undefined;
    return [{ alternatives: [row(leader, scopeNames), NOTHING], right: [right, !right], weight }];
  });
  return { scope: fit(scoped, scopeNames, centre.scope, l2), choice };
}

function choiceAmongDrafts({ drafts, wanted, weight }: LabelledDrafts): Choice[] {
  if (wanted === undefined || drafts.length < 2) return [];
  const alternatives = drafts.map((one) => row(one, CHOICE_FEATURES));
  return [{ alternatives, right: drafts.map((_, at) => at === wanted), weight }];
}

function featureNames(turns: readonly LabelledDrafts[]): string[] {
  return Object.keys(turns.find(({ drafts }) => drafts.length > 0)?.drafts[0] ?? {});
}

function row(features: Features, names: readonly string[]): SparseRow {
  return {
    features: Int32Array.from(names.keys()),
    values: Float64Array.from(names, (name) => features[name] ?? 0),
  };
}

function fit(
  choices: readonly Choice[],
  names: readonly string[],
  centre: HeadWeights,
  l2: number,
): HeadWeights {
  if (choices.length === 0) return centre;
  const weights = fitConditionalLogit(choices, {
    features: names.length,
    l2,
    epochs: EPOCHS,
    centre: Float64Array.from(names, (name) => centre[name] ?? 0),
  });
  return Object.fromEntries(names.map((name, at) => [name, Math.round((weights[at] ?? 0) * 1_000) / 1_000]));
}
