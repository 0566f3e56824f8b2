import type { Snippet, ToolResult } from "../answer.ts";
import { type Fence, fenceFor } from "./fence.ts";
import type { Room } from "./fit-prompt.ts";
import { shortened, waterLevel } from "./shorten.ts";

/** What an answer is written from, as fenced blocks: each holds one call with its result, or one source. */
export type Material = Readonly<{
  blocks: readonly string[];
  /** Sources that are shown; their blocks are numbered from 1. */
  sources: number;
  compacted: boolean;
}>;

type Entry = Readonly<{ marks: Readonly<Record<string, string | number>>; said: string }>;

/** Of what is left after the results, sources may take this share, so that some of the conversation stays. */
const SHARE_OF_SOURCES = 0.75;
/** Tokens between two blocks. */
const SEPARATOR = 1;
/** A block is left out rather than shown with less than this of its text. */
const LEAST_TOKENS = 16;

/**
 * Results, then sources. Where they do not fit, long texts are shortened and short ones stay whole; where even that is too much,
 * the first results and the worst sources are left out.
 */
export function fitMaterial(
  results: readonly ToolResult[],
  snippets: readonly Snippet[],
  room: Room,
): Material {
  const said = results.map((result) => ({ marks: marksOf(result), said: saidBy(result) }));
  const quoted = snippets.map((snippet, index) => ({
    marks: { kind: "source", number: index + 1, from: placeOf(snippet) },
    said: snippet.source.quote,
  }));
  const fence = fenceFor([...said, ...quoted].map((entry) => entry.said));
  const size = (blocks: readonly string[]) =>
    blocks.reduce((sum, block) => sum + room.count(block) + SEPARATOR, 0);
  const shown = fitEntries(said, fence, room, (entries) => entries.slice(1));
  const left = Math.floor((room.tokens - size(shown)) * SHARE_OF_SOURCES);
  const sources = fitEntries(quoted, fence, { ...room, tokens: left }, (entries) => entries.slice(0, -1));
  const whole = [...said, ...quoted].map((entry) => fence(entry.marks, entry.said));
  const blocks = [...shown, ...sources];
  return { blocks, sources: sources.length, compacted: blocks.join() !== whole.join() };
}

function fitEntries(
  entries: readonly Entry[],
  fence: Fence,
  { tokens, count }: Room,
  withoutLeast: (entries: readonly Sized[]) => readonly Sized[],
): string[] {
  let shown: readonly Sized[] = entries.map((entry) => ({
    ...entry,
    frame: count(fence(entry.marks, "")) + SEPARATOR,
    size: count(entry.said),
  }));
  while (shown.length > 0 && sum(shown, leastSize) > tokens) shown = withoutLeast(shown);
  const sizes = shown.map(({ size }) => size);
  const level = waterLevel(sizes, tokens - sum(shown, ({ frame }) => frame));
  return shown.map(({ marks, said }) => fence(marks, shortened(said, level, count)));
}

type Sized = Entry & Readonly<{ frame: number; size: number }>;

function leastSize({ frame, size }: Sized): number {
  return frame + Math.min(size, LEAST_TOKENS);
}

function sum(entries: readonly Sized[], of: (entry: Sized) => number): number {
  return entries.reduce((total, entry) => total + of(entry), 0);
}

function saidBy({ outcome, problem, rendered, output }: ToolResult): string {
  if (outcome !== "ok") return problem;
  const json = output === undefined ? "" : JSON.stringify(output);
  return [rendered, json].filter((part) => part !== "").join("\n");
}

function marksOf({ name, outcome, arguments: args, truncated }: ToolResult): Entry["marks"] {
  return {
    kind: "tool",
    name,
    outcome,
    arguments: JSON.stringify(args),
    ...(truncated && { cut: "yes" }),
  };
}

function placeOf({ source, headings }: Snippet): string {
  return [source.title || source.uri, ...headings].filter((part) => part !== "").join(" > ");
}
