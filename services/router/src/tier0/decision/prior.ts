import type { Weights } from "../arguments/score.ts";
import { buildLexicon } from "../lexicon/lexicon.ts";
import { ARGUMENT_CONFIDENCE } from "../prior/argument-confidence.ts";
import { ARGUMENT_WEIGHTS } from "../prior/argument-weights.ts";
import { HEAD_WEIGHTS } from "../prior/head-weights.ts";
import type { Prior } from "./draft.ts";
import type { Heads, RankedBy } from "./heads.ts";
import { TIER0_POLICY_VERSION } from "./tier0-decision.ts";

/** The prior that ships: fitted on public sets and utterances of ours, not on any deployment's own turns. */
export function createPrior(): Prior {
  return {
    version: TIER0_POLICY_VERSION,
    lexicon: buildLexicon(),
    arguments: { weights: readWeights(ARGUMENT_WEIGHTS), confidence: ARGUMENT_CONFIDENCE },
    heads: HEAD_WEIGHTS,
  };
}

/** The prior with other heads for one ranking. */
export function withHeads(prior: Prior, rankedBy: RankedBy, heads: Heads): Prior {
  return { ...prior, heads: { ...prior.heads, [rankedBy]: heads } };
}

/** "group": "name=weight name=weight" as "group|name" → weight. */
export function readWeights(table: Readonly<Record<string, string>>): Weights {
  const weights = new Map<string, number>();
  for (const [group, entries] of Object.entries(table)) {
    for (const entry of entries.split(" ")) {
      const equals = entry.lastIndexOf("=");
      const name = entry.slice(0, equals);
      weights.set(group === "" ? name : `${group}|${name}`, Number(entry.slice(equals + 1)));
    }
  }
  return weights;
}
