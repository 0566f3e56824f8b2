import type { Embedder } from "@forerun/embeddings/embedder";
import type { Prior } from "@forerun/router/tier0/decision/draft";
import { UNFITTED } from "@forerun/router/tier0/decision/heads";
import { buildLexicon } from "@forerun/router/tier0/lexicon/lexicon";
import { type IntentCase, type RoutingCase, readCases, readIntents } from "../data.ts";
import { OUT_OF_SCOPE } from "../intents.ts";
import { allowedArguments, ownUtterances } from "../own-utterances.ts";
import { fitArgumentConfidence } from "./argument-confidence.ts";
import { fitArgumentWeights } from "./argument-weights.ts";
import { exampled } from "./example-rows.ts";
import { fitHeadWeights } from "./head-weights.ts";

/** Which lines of the sets are learned from: all of them, or every second so that the others can judge. */
export type Half = "all" | "even" | "odd";

/** Questions with the calls and arguments that are right. */
export const ARGUED_SETS = ["bfcl_simple_python.jsonl", "bfcl_live_simple.jsonl"];
const MANY_INTENTS = "clinc150_dev.jsonl";
const INTENTS = [MANY_INTENTS, "snips2017_getweather_dev300.jsonl"];

/**
 * The prior from the public sets and our own utterances; without an embedder its heads for ranking by meaning are empty. Throws when
 * a set is missing: a prior from less would look the same.
 */
export async function fitPrior(half: Half, embedder?: Embedder): Promise<Prior> {
  const lexicon = buildLexicon();
  const cases = ARGUED_SETS.flatMap((file) => halfOf(required(readCases(file), file), half));
  const intents: IntentCase[] = INTENTS.flatMap((file) => halfOf(required(readIntents(file), file), half));
  const labelled = [...cases, ...ownCases()];
  const weights = fitArgumentWeights(labelled, lexicon);
  const confidence = fitArgumentConfidence(labelled, lexicon);
  const untrained: Prior = {
    version: `fitted to ${half} lines`,
    lexicon,
    arguments: { weights, confidence },
    heads: { words: UNFITTED, meaning: UNFITTED },
  };
  const sets = { cases, intents, exampled: exampled(intentsOf(half)) };
  const words = await fitHeadWeights(sets, untrained, undefined);
  const meaning = embedder === undefined ? UNFITTED : await fitHeadWeights(sets, untrained, embedder);
  return { ...untrained, heads: { words, meaning } };
}

/** A half of the intents, whole: tools known by their examples are judged on tools that were not seen. */
export function intentsOf(half: Half): IntentCase[] {
  const all = required(readIntents(MANY_INTENTS), MANY_INTENTS);
  const names = [...new Set(all.map(({ intent }) => intent))].filter((name) => name !== OUT_OF_SCOPE);
  const kept = new Set(halfOf(names, half));
  const outside = halfOf(
    all.filter(({ intent }) => intent === OUT_OF_SCOPE),
    half,
  );
  return [...all.filter(({ intent }) => kept.has(intent)), ...outside];
}

export function halfOf<T>(list: readonly T[], half: Half): T[] {
  return list.filter((_, at) => half === "all" || at % 2 === (half === "even" ? 0 : 1));
}

function required<T>(set: T | undefined, file: string): T {
  if (set === undefined)
    throw new Error(`${file} is not there; set FORERUN_DATA_DIR to the folder that holds a_routing`);
  return set;
}

function ownCases(): RoutingCase[] {
  return ownUtterances().flatMap((one) => {
    if (one.tool === undefined) return [];
    const expected = [{ name: one.tool.name, arguments: allowedArguments(one) }];
    return [{ id: one.text, messages: [{ role: "user", content: one.text }], tools: [one.tool], expected }];
  });
}
