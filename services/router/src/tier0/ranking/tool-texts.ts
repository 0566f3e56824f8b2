import { identifierWords } from "../text/tokens.ts";
import type { CompiledTool } from "./compiled-tool.ts";

/** Characters of a text to embed; a model reads some 128 words of it. */
const LONGEST = 1_000;
/** From so many examples on they say what the tool is asked for; one or two say what one person asked. */
const LEAST_EXAMPLES = 3;

/** A share of what a tool means, and the texts whose vectors, averaged, stand for it. */
export type WeighedTexts = Readonly<{ weight: number; texts: readonly string[] }>;

/** What of a tool is embedded. The weights sum to 1. */
export function toolTexts({ definition, parameters, examples }: CompiledTool): WeighedTexts[] {
  const name = identifierWords(definition.name).join(" ");
  const description = `${name}: ${definition.description}`.slice(0, LONGEST);
  const named = parameters.map((one) => `${identifierWords(one.name).join(" ")}: ${one.description}`);
  const own = (weight: number): WeighedTexts[] => [
    { weight: 0.6 * weight, texts: [description] },
    { weight: 0.4 * weight, texts: [`${description} ${named.join(". ")}`.slice(0, LONGEST)] },
  ];
  if (examples.length < LEAST_EXAMPLES) return own(1);
  const asked = (definition.examples ?? [])
    .slice(0, examples.length)
    .map(({ text }) => text.slice(0, LONGEST));
  return [...own(0.3), { weight: 0.7, texts: asked }];
}
