import { LEAST_EXAMPLES } from "../examples/index-examples.ts";
import { stem } from "../text/stem.ts";
import type { Synonyms } from "../text/synonyms.ts";
import { identifierWords } from "../text/tokens.ts";
import { RANKING_STOP_WORDS } from "../text/word-classes.ts";
import { characterGrams } from "./character-grams.ts";
import type { CompiledTool } from "./compiled-tool.ts";
import { inverseFrequency, type ToolIndex } from "./tool-index.ts";

/** How a tool suits a text, on scales that do not depend on the other tools of the turn. */
export type Ranked = Readonly<{
  tool: CompiledTool;
  /** What tools are ranked by, about 0 to 1: the lexical score, or where there is a meaning its weighted sum with that. */
  score: number;
  /** Weighted sum of what the words say: everything below but the meaning. */
  lexical: number;
  /** Cosine of the embeddings, see tool-texts.ts; undefined without an embedder, or before it has answered. */
  meaning: number | undefined;
  /** BM25F, saturated to 0 … 1. */
  terms: number;
  /** Cosine of character n-grams. */
  characters: number;
  /** Share of the text's content, weighted by rarity, that the tool speaks of. */
  coverage: number;
  /** Share of the tool's name that the text says. */
  name: number;
  /** Likeness to the example utterances: to all of them where there are enough, else to the nearest; 0 without examples. */
  example: number;
}>;

const WEIGHTS = { terms: 0.25, characters: 0.15, coverage: 0.3, name: 0.2 } as const;
/** Of the likeness to the nearest of a few examples, and to all of enough. */
const EXAMPLE_WEIGHTS = { few: 0.25, enough: 0.5 } as const;
/** With a meaning; a weighted sum keeps the margins that a fusion of ranks throws away. */
const HYBRID_WEIGHTS = { lexical: 0.4, meaning: 0.6 } as const;
const SATURATION = 1.4;
/** A BM25F sum at which the term score reaches one half. */
const HALF_SCORE = 12;
const SYNONYM_SHARE = 0.5;
const RERANKED = 24;
/** Texts are read to here: what asks for a tool stands early. */
const READ_WORDS = 100;

type QueryTerm = { stem: string; weight: number; idf: number; synonyms: ReadonlySet<string> | undefined };

export type Form = Readonly<{
  /** Words that the form of the text stands for: "17% of 2400" is arithmetic without saying so. */
  hints: readonly string[];
  /** Words of it that ask for no tool. */
  idle: readonly string[];
}>;

const NO_FORM: Form = { hints: [], idle: [] };

/** The best tools for a text, best first; of many tools those that share neither a word nor a meaning with it are left out. */
export function rankTools(
  index: ToolIndex,
  text: string,
  top: number,
  synonyms: Synonyms,
  { hints, idle }: Form = NO_FORM,
): Ranked[] {
  const words = identifierWords(text.slice(0, 2000))
    .slice(0, READ_WORDS)
    .filter((word) => !idle.includes(word));
  const known = hints.filter((hint) => index.postings.has(stem(hint)));
  const terms = queryTerms(index, [...words, ...known], synonyms);
  const { sums } = index.scratch;
  sums.fill(0);
  for (const term of terms) addTerm(index, term, sums);
  const likeness = index.meaning?.likeness(text);
  const asked = { terms, grams: queryGrams(index, words), examples: index.examples?.likeness(words) };
  const ranked = Array.from(
    worthRanking(index, Math.max(top, RERANKED), [asked.examples, likeness]),
    (number) => {
      const said = lexical(index, number, sums[number] ?? 0, asked);
      return likeness === undefined ? said : hybrid(said, likeness[number] ?? 0);
    },
  );
  for (const bucket of asked.grams.used) asked.grams.dense[bucket] = 0;
  return ranked.sort((a, b) => b.score - a.score).slice(0, top);
}

/** Numbers of the tools that may come first by their words, by their examples or by their meaning. */
function worthRanking(
  index: ToolIndex,
  count: number,
  likeness: readonly (Float32Array | undefined)[],
): Iterable<number> {
  if (index.tools.length <= RERANKED) return index.tools.keys();
  const said = best(index.scratch.sums, count);
  return new Set([...said, ...likeness.flatMap((one) => (one === undefined ? [] : best(one, count)))]);
}

function hybrid(ranked: Ranked, meaning: number): Ranked {
  const score = HYBRID_WEIGHTS.lexical * ranked.lexical + HYBRID_WEIGHTS.meaning * meaning;
  return { ...ranked, score, meaning };
}

function queryTerms(index: ToolIndex, words: readonly string[], synonyms: Synonyms): QueryTerm[] {
  const terms = new Map<string, QueryTerm>();
  for (const word of words) {
    // Numbers fill slots; they ask for no tool.
    if (RANKING_STOP_WORDS.has(word) || /^\p{Nd}+$/u.test(word)) continue;
    const one = stem(word);
    const holders = index.postings.get(one)?.tools.length ?? 0;
    const idf = inverseFrequency(one, holders, index.tools.length);
    terms.set(one, { stem: one, weight: 1, idf, synonyms: synonyms.get(one) });
  }
  for (const { stem: one } of [...terms.values()]) {
    for (const other of synonyms.get(one) ?? []) {
      const idf = index.postings.get(other)?.idf;
      if (idf !== undefined && !terms.has(other))
        terms.set(other, { stem: other, weight: SYNONYM_SHARE * 0.5, idf, synonyms: undefined });
    }
  }
  return [...terms.values()];
}

function addTerm(index: ToolIndex, term: QueryTerm, sums: Float32Array): void {
  const postings = index.postings.get(term.stem);
  if (postings === undefined) return;
  const gain = term.weight * postings.idf;
  const { tools, weights } = postings;
  for (let at = 0; at < tools.length; at++) {
    const number = tools[at] ?? 0;
    const weight = weights[at] ?? 0;
    sums[number] = (sums[number] ?? 0) + (gain * weight * (SATURATION + 1)) / (weight + SATURATION);
  }
}

/** Numbers of the highest sums above zero, best first: one pass with a small sorted list. */
function best(sums: Float32Array, count: number): number[] {
  const kept: number[] = [];
  let lowest = 0;
  for (let number = 0; number < sums.length; number++) {
    const sum = sums[number] ?? 0;
    if (sum <= lowest) continue;
    let at = kept.length;
    while (at > 0 && (sums[kept[at - 1] ?? 0] ?? 0) < sum) at--;
    kept.splice(at, 0, number);
    if (kept.length > count) kept.pop();
    if (kept.length === count) lowest = sums[kept[count - 1] ?? 0] ?? 0;
  }
  return kept;
}

type QueryGrams = { dense: Float32Array; used: Iterable<number>; norm: number };

function queryGrams(index: ToolIndex, words: readonly string[]): QueryGrams {
  const dense = index.scratch.grams;
  const counts = characterGrams(words.filter((word) => !RANKING_STOP_WORDS.has(word)));
  let norm = 0;
  for (const [bucket, count] of counts) {
    const weight = count * (index.gramIdf[bucket] ?? 0);
    dense[bucket] = weight;
    norm += weight * weight;
  }
  return { dense, used: counts.keys(), norm: Math.sqrt(norm) };
}

type Asked = Readonly<{
  terms: readonly QueryTerm[];
  grams: QueryGrams;
  /** Likeness to each tool's examples, by its number. */
  examples: Float32Array | undefined;
}>;

function lexical(index: ToolIndex, number: number, sum: number, { terms, grams, examples }: Asked): Ranked {
  const tool = index.tools[number];
  if (tool === undefined) throw new RangeError(`no tool ${number}`);
  const enough = tool.utterances.length >= LEAST_EXAMPLES;
  const parts = {
    terms: sum / (sum + HALF_SCORE),
    characters: cosine(index, number, tool, grams),
    coverage: coverage(tool, terms),
    name: nameMatch(tool, terms),
    example: enough ? (examples?.[number] ?? 0) : nearestExample(index, tool, terms),
  };
  const score =
    WEIGHTS.terms * parts.terms +
    WEIGHTS.characters * parts.characters +
    WEIGHTS.coverage * parts.coverage +
    WEIGHTS.name * parts.name +
    EXAMPLE_WEIGHTS[enough ? "enough" : "few"] * parts.example;
  return { tool, score, lexical: score, meaning: undefined, ...parts };
}

function cosine(index: ToolIndex, number: number, tool: CompiledTool, grams: QueryGrams): number {
  const norm = (index.gramNorms[number] ?? 0) * grams.norm;
  if (norm === 0) return 0;
  const { buckets, counts } = tool.grams;
  let sum = 0;
  for (let at = 0; at < buckets.length; at++) {
    const bucket = buckets[at] ?? 0;
    const asked = grams.dense[bucket] ?? 0;
    if (asked !== 0) sum += asked * (counts[at] ?? 0) * (index.gramIdf[bucket] ?? 0);
  }
  return sum / norm;
}

function coverage(tool: CompiledTool, terms: readonly QueryTerm[]): number {
  let covered = 0;
  let all = 0;
  for (const term of terms) {
    if (term.weight < 1) continue;
    all += term.idf;
    if (tool.terms.has(term.stem)) covered += term.idf;
    else if (saysSynonym(tool, term.synonyms)) covered += SYNONYM_SHARE * term.idf;
  }
  return all === 0 ? 0 : covered / all;
}

export function saysSynonym(tool: CompiledTool, synonyms: ReadonlySet<string> | undefined): boolean {
  if (synonyms === undefined) return false;
  for (const one of synonyms) if (tool.toolStems.has(one)) return true;
  return false;
}

function nameMatch(tool: CompiledTool, terms: readonly QueryTerm[]): number {
  if (tool.nameStems.length === 0) return 0;
  const said = new Map(terms.map((term) => [term.stem, term.weight]));
  let matched = 0;
  for (const one of tool.nameStems) {
    const weight = said.get(one);
    if (weight !== undefined) matched += weight < 1 ? SYNONYM_SHARE : 1;
  }
  return matched / tool.nameStems.length;
}

/** What a word counts that no tool knows: it fills a slot as often as it asks for something else. */
const UNKNOWN_SHARE = 0.5;

/** Of the example nearest to the text: shared content over the content of both (cosine of idf-weighted sets). */
function nearestExample(index: ToolIndex, tool: CompiledTool, terms: readonly QueryTerm[]): number {
  if (tool.examples.length === 0) return 0;
  const said = terms.filter((term) => term.weight === 1);
  const own = said.reduce(
    (sum, { stem: one, idf }) => sum + (index.postings.has(one) ? idf : UNKNOWN_SHARE * idf),
    0,
  );
  let nearest = 0;
  for (const example of tool.examples) {
    let shared = 0;
    for (const term of said) if (example.has(term.stem)) shared += term.idf;
    if (shared === 0) continue;
    let all = 0;
    for (const one of example) all += index.postings.get(one)?.idf ?? 0;
    nearest = Math.max(nearest, shared / Math.sqrt(own * all));
  }
  return Math.min(1, nearest);
}
