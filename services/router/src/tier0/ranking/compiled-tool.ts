import type { Lexicon } from "../lexicon/lexicon.ts";
import { type Parameter, readParameters } from "../parameters/parameter.ts";
import { stem } from "../text/stem.ts";
import { identifierWords } from "../text/tokens.ts";
import { RANKING_STOP_WORDS, STOP_WORDS } from "../text/word-classes.ts";
import type { ToolDefinition } from "../tool-definition.ts";
import { characterGrams } from "./character-grams.ts";
import { toolStems } from "./tool-stems.ts";

/** A tool read for ranking and extraction; depends on its definition alone, so it can be kept by the definition's hash. */
export type CompiledTool = Readonly<{
  definition: ToolDefinition;
  parameters: readonly Parameter[];
  toolStems: ReadonlySet<string>;
  nameStems: readonly string[];
  /** Stem → weighted frequency over all fields, each field capped and normalised by its length (BM25F). */
  terms: ReadonlyMap<string, number>;
  /** Character n-grams of name and description: sorted buckets and their counts. */
  grams: Readonly<{ buckets: Uint16Array; counts: Float32Array }>;
  /** Content stems of each example utterance. */
  examples: readonly ReadonlySet<string>[];
  /** All words of each example but those of its argument values; none of a third party's, who may write what pleases. */
  utterances: readonly (readonly string[])[];
}>;

const FIELD_WEIGHTS = {
  name: 3,
  description: 1,
  parameterName: 1,
  parameterDescription: 0.3,
  options: 1,
  examples: 1,
} as const;
/** Words of a field beyond this count for nothing: stuffing a description gains no rank. */
const FIELD_CAP = {
  name: 12,
  description: 80,
  parameterName: 60,
  parameterDescription: 200,
  options: 80,
  examples: 160,
} as const;
const USUAL_LENGTH = {
  name: 3,
  description: 14,
  parameterName: 5,
  parameterDescription: 40,
  options: 6,
  examples: 40,
} as const;
const LENGTH_SHARE = 0.5;
const MOST_OF_A_TERM = 3;
const MOST_EXAMPLES = 64;

type Field = keyof typeof FIELD_WEIGHTS;

export function compileTool(definition: ToolDefinition, lexicon: Lexicon): CompiledTool {
  const parameters = readParameters(definition.input_schema, lexicon);
  const nameWords = identifierWords(definition.name).slice(0, FIELD_CAP.name);
  const descriptionWords = identifierWords(definition.description.slice(0, 2000)).slice(
    0,
    FIELD_CAP.description,
  );
  const utterances = (definition.examples ?? []).slice(0, MOST_EXAMPLES).map(withoutValues);
  const examples = utterances.map((words) =>
    words.filter((word) => !RANKING_STOP_WORDS.has(word) && !/^\p{Nd}+$/u.test(word)),
  );
  const fields: Record<Field, readonly string[]> = {
    name: nameWords,
    description: descriptionWords,
    parameterName: parameters.flatMap((parameter) => identifierWords(parameter.name)),
    parameterDescription: parameters.flatMap((parameter) =>
      identifierWords(parameter.description.slice(0, 400)),
    ),
    options: parameters.flatMap((parameter) =>
      parameter.options.slice(0, 40).flatMap((option) => [...option.stems]),
    ),
    examples: examples.flat(),
  };
  return {
    definition,
    parameters,
    toolStems: toolStems(definition),
    nameStems: nameWords.filter((word) => !STOP_WORDS.has(word)).map(stem),
    terms: weighTerms(fields),
    grams: sortedGrams(characterGrams([...nameWords, ...descriptionWords])),
    examples: examples.map((words) => new Set(words.map(stem))),
    utterances: definition.trusted === false ? [] : utterances,
  };
}

/** Words of an example utterance that ask for the tool; those of its argument values would tie it to one Oslo. */
function withoutValues(example: NonNullable<ToolDefinition["examples"]>[number]): string[] {
  const values = new Set(identifierWords(JSON.stringify(Object.values(example.arguments)).slice(0, 1000)));
  return identifierWords(example.text.slice(0, 300)).filter((word) => !values.has(word));
}

function weighTerms(fields: Record<Field, readonly string[]>): Map<string, number> {
  const terms = new Map<string, number>();
  for (const field of Object.keys(FIELD_WEIGHTS) as Field[]) {
    const words = fields[field].slice(0, FIELD_CAP[field]).filter((word) => !RANKING_STOP_WORDS.has(word));
    const norm = 1 - LENGTH_SHARE + (LENGTH_SHARE * words.length) / USUAL_LENGTH[field];
    const counts = new Map<string, number>();
    for (const word of words)
      counts.set(stem(word), Math.min(MOST_OF_A_TERM, (counts.get(stem(word)) ?? 0) + 1));
    for (const [one, count] of counts) {
      terms.set(one, (terms.get(one) ?? 0) + (FIELD_WEIGHTS[field] * count) / Math.max(norm, 0.5));
    }
  }
  return terms;
}

function sortedGrams(counts: ReadonlyMap<number, number>): CompiledTool["grams"] {
  const sorted = [...counts].sort(([a], [b]) => a - b);
  return {
    buckets: Uint16Array.from(sorted, ([bucket]) => bucket),
    counts: Float32Array.from(sorted, ([, count]) => count),
  };
}
