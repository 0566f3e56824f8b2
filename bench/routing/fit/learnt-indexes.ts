import type { Embedder } from "@forerun/embeddings/embedder";
import type { Lexicon } from "@forerun/router/tier0/lexicon/lexicon";
import { type CompiledTool, compileTool } from "@forerun/router/tier0/ranking/compiled-tool";
import { KnownMeaning, withMeaning } from "@forerun/router/tier0/ranking/meaning";
import { buildToolIndex, type ToolIndex } from "@forerun/router/tier0/ranking/tool-index";
import { ToolVectors } from "@forerun/router/tier0/ranking/tool-vectors";
import type { ToolDefinition } from "@forerun/router/tier0/tool-definition";

/** The index of some tools. A list that was given before has learnt from its tools' examples, any other has not. */
export type IndexOf = (tools: readonly ToolDefinition[]) => ToolIndex;

type Subjects = Readonly<{
  /** Lists of tools whose examples are learnt from. */
  learnt: readonly (readonly ToolDefinition[])[];
  /** All other tools that may be asked for. */
  tools: readonly ToolDefinition[];
  texts: readonly string[];
}>;

const BATCH = 256;

/** Indexes as they are in use; with an embedder they rank the texts by meaning. */
export async function learntIndexes(
  { learnt, tools, texts }: Subjects,
  lexicon: Lexicon,
  embedder: Embedder | undefined,
): Promise<IndexOf> {
  const compiled = new Map<string, CompiledTool>();
  const compile = (tool: ToolDefinition): CompiledTool => {
    const key = JSON.stringify(tool);
    const one = compiled.get(key) ?? compileTool(tool, lexicon);
    compiled.set(key, one);
    return one;
  };
  for (const tool of [...tools, ...learnt.flat()]) compile(tool);
  const meant = embedder && (await meaningOf([...compiled.values()], texts, embedder));
  const indexes = new WeakMap<readonly ToolDefinition[], ToolIndex>();
  const indexOf: IndexOf = (list) => {
    const known = indexes.get(list);
    if (known !== undefined) return known;
    const index = buildToolIndex(list.map(compile));
    const ranking = meant === undefined ? index : meant(index);
    indexes.set(list, ranking);
    return ranking;
  };
  for (const list of learnt) await indexOf(list).examples?.learn();
  return indexOf;
}

/** Makes the vectors of all tools and texts, for indexes over any of the tools. */
async function meaningOf(
  tools: readonly CompiledTool[],
  texts: readonly string[],
  embedder: Embedder,
): Promise<(index: ToolIndex) => ToolIndex> {
  const vectors = new ToolVectors(embedder);
  await vectors.make(tools);
  const known = new Map<string, Float32Array>();
  for (let at = 0; at < texts.length; at += BATCH) {
    const batch = texts.slice(at, at + BATCH);
    const made = await embedder.embed(batch, new AbortController().signal);
    for (const [place, text] of batch.entries()) known.set(text, made[place] ?? new Float32Array(0));
  }
  return (index) => withMeaning(index, new KnownMeaning(vectors.known(index.tools) ?? [], known));
}
