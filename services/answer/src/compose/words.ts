/** Words that say nothing of a text's subject. */
const FUNCTION_WORDS = new Set(
  (
    "a about all also am an and any are as at be been but by can could describe did do does explain for from get give had happen happens has have how i if in " +
    "into is it its just let like may me mean means more my need no not of on one or our please say should show so some tell than that the " +
    "their them then there these they this to us use used using want was we were what when where which who why will with would you your"
  ).split(" "),
);

/** The content words of a text, cut to what their forms share: "connecting" and "connection" are one. */
export function contentWords(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return new Set(words.filter((word) => !FUNCTION_WORDS.has(word)).map(root));
}

function root(word: string): string {
  return word.replace(/(?<=..)(?:ies|es|s|ed|ing)$/, "").slice(0, 6);
}
