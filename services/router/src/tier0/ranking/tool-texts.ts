import { LEAST_EXAMPLES } from "../examples/index-examples.ts";
import { identifierWords } from "../text/tokens.ts";
import type { CompiledTool } from "./compiled-tool.ts";

/** Characters of a text to embed; a model reads some 128 words of it. */
const LONGEST = 1_000;

/** A share of what a tool means, and the texts whose vectors, averaged, stand for it. */
export type WeighedTexts = Readonly<{ weight: number; texts: readonly string[] }>;

/** What of a tool is embedded. The weights sum to 1. */
export function toolTexts({ definition, parameters, utterances }: CompiledTool): WeighedTexts[] {
  const name = identifierWords(definition.name).join(" ");
  const description = `${name}: ${definition.description}`.slice(0, LONGEST);
  const named = parameters.map((one) => `${identifierWords(one.name).join(" ")}: ${one.description}`);
  const own = (weight: number): WeighedTexts[] => [
    { weight: 0.6 * weight, texts: [description] },
    { weight: 0.4 * weight, texts: [`${description} ${named.join(". ")}`.slice(0, LONGEST)] },
  ];
  // A third party's examples are none of its utterances.
  if (utterances.length < LEAST_EXAMPLES) return own(1);
  const asked = (definition.examples ?? [])
    .slice(0, utterances.length)
    .map(({ text }) => text.slice(0, LONGEST));
  return [...own(0.3), { weight: 0.7, texts: asked }];
}
