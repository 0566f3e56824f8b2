import { queryWords } from "./words.ts";

/** What a question looks for. Function words are still in it: the database knows its language's and drops them. */
export type SearchQuery = {
  /** Distinct words. */
  words: string[];
  /** Runs of two to four words, each joined by spaces: two content words that stand together, function words between them allowed. */
  phrases: string[];
};

/** A long text is searched by its first words. */
const MAX_WORDS = 48;
const LONGEST_PHRASE = 4;

/** Words that only open a request ("could you please tell me about …") and say nothing about its subject. */
const OPENINGS = new Set(
  (
    "a about an anything are can check could describe did do does explain find for give have hello hey hi how i if in is know list " +
    "look me my of on our please say search show some tell that the there up us want was we what when where which who why will " +
    "would you your"
  ).split(" "),
);

/** Reads a question in the user's words. A question of openings alone is taken literally. */
export function parseSearchQuery(text: string): SearchQuery {
  const all = queryWords(text.slice(0, 64 * MAX_WORDS));
  const first = all.findIndex((word) => !OPENINGS.has(word));
  const kept = all.slice(Math.max(first, 0)).slice(0, MAX_WORDS);
  return { words: [...new Set(kept)], phrases: [...new Set(phrasesOf(kept))] };
}

function* phrasesOf(words: readonly string[]): Generator<string> {
  for (let start = 0; start < words.length - 1; start++) {
    for (let length = 2; length <= LONGEST_PHRASE && start + length <= words.length; length++) {
      yield words.slice(start, start + length).join(" ");
    }
  }
}
