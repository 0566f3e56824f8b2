/**
 * Turns text into the words that full-text search works on, the same way for documents and queries: case, compatibility
 * forms and accents folded, identifiers taken apart, scripts without spaces cut into pairs of characters. The database's
 * own parser would take `chat.ts` for a host name and a Chinese sentence for one word; it only stems what it gets from here.
 */

const WORD = /[\p{L}\p{M}\p{N}]+/gu;
/** English endings behind an apostrophe carry no content: it's, don't, we'll. */
const CONTRACTION = /(?:(?<!\bca)n)?['’]t\b|['’](?:s|re|ll|ve|d|m)\b/giu;
/** Scripts that put no spaces between words, and Korean, whose words carry endings. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/gu;
const ASCII = /^[\x20-\x7e]*$/;
const HUMP = /(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u;
const ACCENT = /[\u0300-\u036f]/g;
/** Longer runs of letters and digits are keys and encodings, not words. */
const MAX_WORD_LENGTH = 64;

/** Words of a document in order; `getUserName` counts as itself and as its three parts. */
export function documentWords(text: string): string[] {
  return [...wordsOf(text, true)];
}

/** Words of a query in order. */
export function queryWords(text: string): string[] {
  return [...wordsOf(text, false)];
}

function* wordsOf(text: string, withParts: boolean): Generator<string> {
  for (const [word] of text.normalize("NFKC").replace(CONTRACTION, "").matchAll(WORD)) {
    if (ASCII.test(word)) yield* spaced(word, withParts);
    else yield* mixed(word, withParts);
  }
}

function* spaced(word: string, withParts: boolean): Generator<string> {
  if (word === "" || word.length > MAX_WORD_LENGTH) return;
  yield fold(word);
  if (!withParts) return;
  const parts = word.split(HUMP);
  if (parts.length > 1) yield* parts.map(fold);
}

/** A word that may hold stretches of an unspaced script. */
function* mixed(word: string, withParts: boolean): Generator<string> {
  let at = 0;
  for (const match of word.matchAll(UNSPACED)) {
    yield* spaced(word.slice(at, match.index), withParts);
    yield* pairs([...match[0]]);
    at = match.index + match[0].length;
  }
  yield* spaced(word.slice(at), withParts);
}

function* pairs(characters: readonly string[]): Generator<string> {
  if (characters.length === 1) yield* characters;
  for (let at = 1; at < characters.length; at++) yield `${characters[at - 1]}${characters[at]}`;
}

function fold(word: string): string {
  if (ASCII.test(word)) return word.toLowerCase();
  return word.toLowerCase().normalize("NFD").replace(ACCENT, "").normalize("NFC");
}
