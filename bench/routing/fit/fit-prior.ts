import type { Prior } from "@forerun/router/tier0/decision/draft";
import { UNFITTED } from "@forerun/router/tier0/decision/heads";
import { buildLexicon } from "@forerun/router/tier0/lexicon/lexicon";
import { type IntentCase, type RoutingCase, readCases, readIntents } from "../data.ts";
import { allowedArguments, ownUtterances } from "../own-utterances.ts";
import { fitArgumentWeights } from "./argument-weights.ts";
import { fitHeadWeights } from "./head-weights.ts";

/** Which lines of the sets are learned from: all of them, or every second so that the others can judge. */
export type Half = "all" | "even" | "odd";

const CASES = ["bfcl_simple_python.jsonl", "bfcl_live_simple.jsonl"];
const INTENTS = ["clinc150_dev.jsonl", "snips2017_getweather_dev300.jsonl"];

/** The prior from the public sets and our own utterances. Throws when a set is missing: a prior from less would look the same. */
export async function fitPrior(half: Half): Promise<Prior> {
  const lexicon = buildLexicon();
  const cases = CASES.flatMap((file) => halfOf(required(readCases(file), file), half));
  const intents: IntentCase[] = INTENTS.flatMap((file) => halfOf(required(readIntents(file), file), half));
  const argumentWeights = fitArgumentWeights([...cases, ...ownCases()], lexicon);
  const untrained: Prior = {
    version: `fitted to ${half} lines`,
    lexicon,
    arguments: argumentWeights,
    heads: UNFITTED,
  };
  return { ...untrained, heads: await fitHeadWeights({ cases, intents }, untrained) };
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
