import type { ArgumentPrior } from "@forerun/router/tier0/arguments/assign";
import { type Extraction, extractArguments } from "@forerun/router/tier0/arguments/extract";
import type { Lexicon } from "@forerun/router/tier0/lexicon/lexicon";
import { readParameters } from "@forerun/router/tier0/parameters/parameter";
import { toolStems } from "@forerun/router/tier0/ranking/tool-stems";
import { readUtterance } from "@forerun/router/tier0/spans/utterance";
import { CLOCK } from "./ask.ts";
import type { ExpectedCall } from "./call-score.ts";
import { questionOf, type RoutingCase } from "./data.ts";

export type ReadCase = Readonly<{ expected: ExpectedCall; extraction: Extraction }>;

/** The arguments of a case's tool as its question gives them; undefined for a case that wants not just one call. */
export function readCase(one: RoutingCase, lexicon: Lexicon, prior: ArgumentPrior): ReadCase | undefined {
  const [expected, more] = one.expected;
  const tool = one.tools.find(({ name }) => name === expected?.name);
  if (expected === undefined || more !== undefined || tool === undefined) return undefined;
  const utterance = readUtterance(questionOf(one), lexicon, CLOCK);
  const parameters = readParameters(tool.input_schema, lexicon);
  return { expected, extraction: extractArguments(parameters, toolStems(tool), utterance, prior) };
}
