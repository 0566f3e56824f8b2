/**
 * A light English stemmer: plural and verb endings only, so that "cities" meets "city" and "converting" meets "convert".
 * Derivations ("conversion") keep their form; the character n-grams of the ranking bridge those.
 */
export function stem(word: string): string {
  if (word.length < 4) return word;
  return undouble(strip(word));
}

function strip(word: string): string {
  if (word.endsWith("ies") && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(?:ch|sh|ss|x|z)es$/.test(word)) return word.slice(0, -2);
  if (word.endsWith("ing") && word.length > 5) return dropE(word.slice(0, -3));
  if (word.endsWith("ied")) return `${word.slice(0, -3)}y`;
  if (word.endsWith("ed") && word.length > 4) return dropE(word.slice(0, -2));
  if (word.endsWith("s") && !/(?:ss|us|is)$/.test(word)) return dropE(word.slice(0, -1));
  return dropE(word);
}

/** "rate", "rated" and "rating" meet in "rat"; short words keep their e. */
function dropE(word: string): string {
  return word.endsWith("e") && word.length > 3 ? word.slice(0, -1) : word;
}

function undouble(word: string): string {
  const last = word.at(-1);
  const doubled = last !== undefined && last === word.at(-2) && !"lsz".includes(last);
  return doubled && word.length > 3 ? word.slice(0, -1) : word;
}
