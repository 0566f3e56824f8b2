import type { Utterance } from "../spans/utterance.ts";
import type { Candidate } from "./candidate.ts";
import type { CueSite } from "./cues.ts";

/** Tokens a cue works over. */
export const REACH = 8;

export type Reach = {
  before: number;
  after: number;
  adjacentBefore: number;
  adjacentAfter: number;
  inside: number;
  insideLast: number;
};

/** Strength of the nearest cue on each side: its weight over the distance in tokens; sentence ends cut it. */
export function reach(sites: readonly CueSite[], candidate: Candidate, utterance: Utterance): Reach {
  const found: Reach = { before: 0, after: 0, adjacentBefore: 0, adjacentAfter: 0, inside: 0, insideLast: 0 };
  for (const site of sites) {
    if (site.at >= candidate.from && site.at < candidate.to) {
      found.inside = Math.max(found.inside, site.weight);
      if (site.at === candidate.to - 1) found.insideLast = Math.max(found.insideLast, site.weight);
    } else if (site.at < candidate.from) {
      const gap = gapBetween(utterance, site.at + 1, candidate.from);
      if (gap.cut) continue;
      found.before = Math.max(found.before, site.weight / (1 + gap.words));
      if (gap.words === 0) found.adjacentBefore = Math.max(found.adjacentBefore, site.weight);
    } else {
      const gap = gapBetween(utterance, candidate.to, site.at);
      if (gap.cut) continue;
      found.after = Math.max(found.after, site.weight / (1 + gap.words));
      if (gap.words === 0) found.adjacentAfter = Math.max(found.adjacentAfter, site.weight);
    }
  }
  return found;
}

/** Words between two places, links ("of", "is", "=", "the", quotes) not counted; far or over a sentence end is cut. */
function gapBetween(utterance: Utterance, from: number, to: number): { words: number; cut: boolean } {
  if (to - from > REACH) return { words: 0, cut: true };
  let words = 0;
  for (let at = from; at < to; at++) {
    const lower = utterance.tokens[at]?.lower ?? "";
    if (lower === "." || lower === "?" || lower === "!" || lower === ";") return { words, cut: true };
    if (lower === "," || lower === "and") words += 2;
    else if (!LINKS.has(lower)) words++;
  }
  return { words, cut: false };
}

const LINKS = new Set([
  "of",
  "is",
  "are",
  "=",
  ":",
  "the",
  "a",
  "an",
  "as",
  "to",
  "being",
  "was",
  "equal",
  "equals",
  "'",
  '"',
  "“",
  "‘",
  "(",
  "[",
  "$",
  "-",
  "_",
  "by",
  "called",
  "named",
]);
