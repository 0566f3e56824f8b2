import type { ExampleIndex } from "../examples/example-index.ts";
import { indexExamples } from "../examples/index-examples.ts";
import { stem } from "../text/stem.ts";
import { GENERIC_WORDS, QUESTION_WORDS } from "../text/word-classes.ts";
import { GRAM_BUCKETS } from "./character-grams.ts";
import type { CompiledTool } from "./compiled-tool.ts";
import type { Meaning } from "./meaning.ts";

/** Tools by number, with inverted lists of their terms. Immutable once built, but for the scratch space. */
export type ToolIndex = Readonly<{
  tools: readonly CompiledTool[];
  postings: ReadonlyMap<string, Postings>;
  /** Inverse document frequency of character buckets. */
  gramIdf: Float32Array;
  /** Length of each tool's weighted n-gram vector. */
  gramNorms: Float32Array;
  /**
   * Zeroed working memory of one ranking at a time: ranking never yields, and two fresh arrays a decision would keep the
   * collector busy.
   */
  scratch: Readonly<{ sums: Float32Array; grams: Float32Array }>;
  /** What tools with enough examples are asked for; undefined without any. */
  examples: ExampleIndex | undefined;
  /** What is known of the meaning of one question; undefined ranks by words alone. */
  meaning: Meaning | undefined;
}>;

export type Postings = Readonly<{ idf: number; tools: Uint32Array; weights: Float32Array }>;

/** As if so many tools of other kinds stood beside: a registry of one has no statistics of its own. */
const PRIOR_TOOLS = 20;
const PRIOR_GENERIC = 8;

const GENERIC_STEMS = new Set([...GENERIC_WORDS, ...QUESTION_WORDS].map(stem));

export function buildToolIndex(tools: readonly CompiledTool[]): ToolIndex {
  const lists = new Map<string, { tools: number[]; weights: number[] }>();
  const gramCounts = new Float32Array(GRAM_BUCKETS);
  for (const [number, tool] of tools.entries()) {
    for (const [term, weight] of tool.terms) {
      const list = lists.get(term);
      if (list === undefined) lists.set(term, { tools: [number], weights: [weight] });
      else {
        list.tools.push(number);
        list.weights.push(weight);
      }
    }
    for (const bucket of tool.grams.buckets) gramCounts[bucket] = (gramCounts[bucket] ?? 0) + 1;
  }
  const gramIdf = gramCounts.map((count) => Math.log(1 + (tools.length + PRIOR_TOOLS) / (1 + count)));
  return {
    tools,
    postings: new Map([...lists].map(([term, list]) => [term, toPostings(term, list, tools.length)])),
    gramIdf,
    gramNorms: Float32Array.from(tools, (tool) => gramNorm(tool, gramIdf)),
    scratch: { sums: new Float32Array(tools.length), grams: new Float32Array(GRAM_BUCKETS) },
    examples: indexExamples(tools),
    meaning: undefined,
  };
}

function toPostings(term: string, list: { tools: number[]; weights: number[] }, size: number): Postings {
  return {
    idf: inverseFrequency(term, list.tools.length, size),
    tools: Uint32Array.from(list.tools),
    weights: Float32Array.from(list.weights),
  };
}

/** Weight of a term in coverage and rank; `holders` tools of `size` have it. */
export function inverseFrequency(term: string, holders: number, size: number): number {
  const generic = GENERIC_STEMS.has(term) ? PRIOR_GENERIC : 0;
  return Math.log(1 + (size + PRIOR_TOOLS - holders + 0.5) / (holders + generic + 0.5));
}

function gramNorm(tool: CompiledTool, idf: Float32Array): number {
  let sum = 0;
  for (const [at, bucket] of tool.grams.buckets.entries())
    sum += ((tool.grams.counts[at] ?? 0) * (idf[bucket] ?? 0)) ** 2;
  return Math.sqrt(sum);
}
