import type { Extraction } from "../arguments/extract.ts";
import type { CompiledTool } from "../ranking/compiled-tool.ts";

/**
 * A call that the text gives nothing lacks something where no example of its tool does without arguments, whether or not the schema
 * requires any: "how many days are left?" names no date to count to.
 */
export function unlessBare(extraction: Extraction, { parameters, definition }: CompiledTool): Extraction {
  const [first] = parameters;
  const examples = definition.examples ?? [];
  const bare = extraction.filled === 0 && extraction.missing.length === 0;
  if (first === undefined || !bare || examples.length === 0) return extraction;
  const never = examples.every((example) => Object.keys(example.arguments).length > 0);
  return never ? { ...extraction, missing: [first.path.join(".")] } : extraction;
}
