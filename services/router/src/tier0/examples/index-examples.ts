import type { CompiledTool } from "../ranking/compiled-tool.ts";
import { ExampleIndex } from "./example-index.ts";
import { ExampleSpace } from "./example-space.ts";
import { exampleTerms } from "./example-terms.ts";

/** From so many examples on they say what a tool is asked for; one or two say what one person asked. */
export const LEAST_EXAMPLES = 3;

/** Undefined when no tool has enough examples. */
export function indexExamples(tools: readonly CompiledTool[]): ExampleIndex | undefined {
  const all = tools.flatMap(({ utterances }, tool) =>
    utterances.length < LEAST_EXAMPLES
      ? []
      : utterances.map((words) => ({ tool, terms: exampleTerms(words) })),
  );
  if (all.length === 0) return undefined;
  const space = new ExampleSpace(all.map(({ terms }) => terms));
  const placed = all.map(({ tool, terms }) => ({ tool, vector: space.vectorOf(terms) }));
  return new ExampleIndex(space, placed, tools.length);
}
